/** What the state of a node means to a job that is to start: `MIXED+DRAIN`, `IDLE*+POWERED_DOWN`, `mix-`. */

/** What becomes of what is idle on a node. */
export type NodeStanding = 'open' | 'held' | 'asleep' | 'broken'

/** How sinfo writes flags behind a state. */
const suffixes: Readonly<Record<string, string>> = {
  '*': 'NOT_RESPONDING',
  '~': 'POWERED_DOWN',
  '#': 'POWERING_UP',
  '!': 'POWERING_DOWN',
  '%': 'POWERING_DOWN',
  $: 'MAINTENANCE',
  '@': 'REBOOT_REQUESTED',
  '^': 'REBOOT_ISSUED',
  '-': 'PLANNED',
}

/** Short forms of sinfo, and what other releases say. */
const synonyms: Readonly<Record<string, string>> = {
  ALLOC: 'ALLOCATED',
  MIX: 'MIXED',
  DRNG: 'DRAIN',
  DRAINING: 'DRAIN',
  DRAINED: 'DRAIN',
  MAINT: 'MAINTENANCE',
  RESV: 'RESERVED',
  PLND: 'PLANNED',
  COMP: 'COMPLETING',
  NO_RESPOND: 'NOT_RESPONDING',
  INVAL: 'INVALID_REG',
  INVALID: 'INVALID_REG',
  POWER_DOWN: 'POWERING_DOWN',
  POW_DN: 'POWERING_DOWN',
  POW_UP: 'POWERING_UP',
  POWER_UP: 'POWERING_UP',
  POWERED_SAVING: 'POWERED_DOWN',
  POWER_SAVING: 'POWERED_DOWN',
}

const takesJobs = new Set(['IDLE', 'MIXED', 'ALLOCATED', 'COMPLETING'])
/** Flags that keep nobody from starting there. */
const harmless = new Set([
  'CLOUD',
  'COMPLETING',
  'DYNAMIC_NORM',
  'DYNAMIC_FUTURE',
  'REBOOT_REQUESTED',
  'UNDRAIN',
  'RESUME',
])
const held = new Set(['PLANNED', 'RESERVED'])
const asleep = new Set(['POWERED_DOWN', 'POWERING_DOWN', 'POWERING_UP'])

export type NodeState = {
  /** In Slurm's words, suffixes spelled out: `IDLE+DRAIN`. */
  text: string
  standing: NodeStanding
  canStart: boolean
}

/** Never throws; a word that is not known is taken for one that lets nothing start. */
export function readNodeState(text: string): NodeState {
  const words = text.trim().toUpperCase().split('+').flatMap(spellOut)
  const [base = 'UNKNOWN', ...flags] = words
  const standing = judge(base, flags)
  return { text: words.join('+') || 'UNKNOWN', standing, canStart: standing === 'open' || standing === 'asleep' }
}

function spellOut(word: string): string[] {
  const [, letters = '', marks = ''] = /^(.*?)([*~#!%$@^-]*)$/.exec(word) ?? []
  const flags = marks.split('').flatMap((mark) => suffixes[mark] ?? [])
  return letters === '' ? flags : [synonyms[letters] ?? letters, ...flags]
}

function judge(base: string, flags: readonly string[]): NodeStanding {
  const all = [base, ...flags].filter((word, at) => !(at === 0 ? takesJobs : harmless).has(word))
  if (all.length === 0) return 'open'
  if (all.some((word) => !held.has(word) && !asleep.has(word))) return 'broken'
  return all.some((word) => held.has(word)) ? 'held' : 'asleep'
}
