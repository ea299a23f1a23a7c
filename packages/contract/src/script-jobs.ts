/** Command lines of a script: what somebody has set becomes words, and sweeps become one list of words for each job. */
import { limits } from './limits.ts'
import type { ScriptArguments, ScriptDescription, ScriptField, ScriptGroup, ScriptOverride } from './script-config.ts'
import { isSweep, readSweep } from './script-sweep.ts'
import { splitWords, unquoteHydra } from './script-words.ts'

/** What of a description is needed. */
export type ScriptShape = Pick<ScriptDescription, 'kind' | 'fields' | 'groups'>
export type ScriptJob = {
  /** Those that differ from job to job, as they are here. */
  swept: { key: string; value: string }[]
  /** Words behind the script, never text for a shell. */
  words: string[]
}
/** `key` null: a word among the free ones. */
export type ScriptArgumentFault = { key: string | null; message: string }
export type ScriptJobs = {
  /** How many there are; 0 when something is wrong. */
  total: number
  /** The first of them. */
  jobs: ScriptJob[]
  faults: ScriptArgumentFault[]
}

/** One place of the command line: what can stand there, and whether that differs from job to job. */
type Slot = { key: string; values: string[]; words: string[][]; rank: Rank }
/** Order on the command line. */
type Rank = 'option' | 'command' | 'of-command' | 'place' | 'free'
const ranks: readonly Rank[] = ['option', 'command', 'of-command', 'place', 'free']

/**
 * All jobs, the last sweep turning fastest, as Hydra has it; of them the first `jobsMax`.
 * More than `limits.sweepJobsMax` are a fault.
 */
export function listScriptJobs(
  shape: ScriptShape,
  { command, overrides, free }: ScriptArguments,
  jobsMax: number = limits.sweepJobsMax,
): ScriptJobs {
  const faults: ScriptArgumentFault[] = []
  const slots: Slot[] = command === null ? [] : [{ key: '', values: [''], words: [[command]], rank: 'command' }]
  for (const override of overrides) {
    const slot = makeSlot(shape, override, command)
    if ('message' in slot) faults.push({ key: override.key, message: slot.message })
    else slots.push(slot)
  }
  for (const word of free) {
    const slot = makeFreeSlot(shape, word)
    if ('message' in slot) faults.push({ key: null, message: slot.message })
    else slots.push(slot)
  }
  const total = slots.reduce((product, { words }) => product * words.length, 1)
  if (total > limits.sweepJobsMax)
    faults.push({ key: null, message: `These are ${total} jobs; a sweep has ${limits.sweepJobsMax} at most.` })
  if (faults.length > 0) return { total: 0, jobs: [], faults }
  const sorted = ranks.flatMap((rank) => slots.filter((slot) => slot.rank === rank))
  const jobs = Array.from({ length: Math.min(total, jobsMax) }, (_, at) => pickJob(sorted, slots, at))
  return { total, jobs, faults }
}

/** The words of the first job, and of as many others as a script is asked about together. */
export function takeAsked([first = [], ...others]: readonly string[][]): string[][] {
  let length = 0
  const taken = others.filter((words) => {
    length += JSON.stringify(words).length + 1
    return length < limits.scriptMoreLengthMax
  })
  return [first, ...taken]
}

function makeSlot(
  { kind, fields, groups }: ScriptShape,
  override: ScriptOverride,
  command: string | null,
): Slot | { message: string } {
  const named = fields.filter(({ key }) => key === override.key)
  const field = named.find((one) => one.command === null || one.command === command) ?? named[0]
  const found = readValues(override, groups)
  if ('message' in found) return found
  if (kind !== 'hydra' && override.sweep) found.values = found.values.map((value) => unquoteHydra(value ?? '') ?? value)
  const words: string[][] = []
  for (const value of found.values) {
    const made = kind === 'hydra' || field === undefined ? assign(override.key, value) : write(field, value)
    if (!Array.isArray(made)) return made
    words.push(made)
  }
  const rank = field?.form === 'place' ? 'place' : (field?.command ?? null) === null ? 'option' : 'of-command'
  return { key: override.key, values: found.values.map((value) => value ?? ''), words, rank }
}

function readValues(
  { key, value, sweep }: ScriptOverride,
  groups: readonly ScriptGroup[],
): { values: (string | null)[] } | { message: string } {
  if (value === null || !sweep) return { values: [value] }
  return readSweep(value, { options: findOptions(key, groups), valuesMax: limits.sweepJobsMax })
}

function findOptions(key: string, groups: readonly ScriptGroup[]): readonly string[] | undefined {
  const bare = (one: string): string => one.replace(/^\++/, '').replace(/@.*$/, '')
  return groups.find((group) => group.key === key || bare(group.key) === bare(key))?.options
}

/** A word of Hydra that somebody has written whole; its sweeps are spread out. Words of other scripts stay as they are. */
function makeFreeSlot({ kind, groups }: ScriptShape, word: string): Slot | { message: string } {
  const at = word.indexOf('=')
  const value = word.slice(at + 1)
  const whole: Slot = { key: word, values: [word], words: [[word]], rank: 'free' }
  if (kind !== 'hydra' || word.startsWith('-') || at < 1 || !isSweep(value)) return whole
  const key = word.slice(0, at)
  const found = readSweep(value, { options: findOptions(key, groups), valuesMax: limits.sweepJobsMax })
  if ('message' in found) return { message: `${word}: ${found.message}` }
  return { key, values: found.values, words: found.values.map((one) => [`${key}=${one}`]), rank: 'free' }
}

function assign(key: string, value: string | null): string[] {
  return [value === null ? key : `${key}=${value}`]
}

/** The words of one argument of argparse or jsonargparse. */
function write({ key, form, off, many }: ScriptField, value: string | null): string[] | { message: string } {
  const words = many || form === 'append' ? splitWords(value ?? '') : { words: value === null ? [] : [value] }
  if ('message' in words) return words
  switch (form) {
    case 'assign':
      return assign(key, value)
    case 'option':
      return many ? writeMany(key, words.words) : words.words.length === 0 ? [key] : [attach(key, value ?? '')]
    case 'append':
      return words.words.map((word) => attach(key, word))
    case 'flag':
      return value === 'false' ? [] : [key]
    case 'switch':
      return value === 'false' ? (off === null ? [] : [off]) : [key]
    case 'count':
      return Array.from({ length: Math.min(Number(value ?? 1) || 0, limits.scriptWordsMax) }, () => key)
    case 'place':
      return words.words
  }
}

/** In one word, so that a value that begins with «-» is none of the options. */
function attach(key: string, value: string): string {
  return key.startsWith('--') ? `${key}=${value}` : `${key}${value}`
}

function writeMany(key: string, words: readonly string[]): string[] | { message: string } {
  const [only] = words
  if (words.length === 1 && only !== undefined) return [attach(key, only)]
  const option = words.find((word) => /^-(?![\d.])/.test(word))
  if (option !== undefined)
    return { message: `«${option}» would be read as an option: among several values none can begin with «-».` }
  return [key, ...words]
}

function pickJob(sorted: readonly Slot[], slots: readonly Slot[], number: number): ScriptJob {
  const picks = new Map<Slot, number>()
  let rest = number
  for (const slot of slots.toReversed()) {
    picks.set(slot, rest % slot.words.length)
    rest = Math.floor(rest / slot.words.length)
  }
  const pick = (slot: Slot): number => picks.get(slot) ?? 0
  const wordsOf = (list: readonly Slot[]): string[] => list.flatMap((slot) => slot.words[pick(slot)] ?? [])
  const places = wordsOf(sorted.filter(({ rank }) => rank === 'place'))
  // An option that takes several words would take these as well, and what begins with «-» would be one.
  const isOpen = sorted.some((slot) => slot.rank !== 'place' && (slot.words[pick(slot)]?.length ?? 0) > 1)
  const needsEnd = places.length > 0 && (isOpen || places.some((word) => word.startsWith('-')))
  return {
    swept: slots
      .filter(({ words }) => words.length > 1)
      .map((slot) => ({ key: slot.key, value: slot.values[pick(slot)] ?? '' })),
    words: [
      ...wordsOf(sorted.filter(({ rank }) => rank !== 'place' && rank !== 'free')),
      ...(needsEnd ? ['--'] : []),
      ...places,
      ...wordsOf(sorted.filter(({ rank }) => rank === 'free')),
    ],
  }
}
