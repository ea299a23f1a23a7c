/** A launch as somebody writes it: texts of fields, and what can be read of them. Pure. */
import type { LaunchCode, LaunchSpec, LaunchSpecInput } from '@pilothouse/contract'
import { joinWords, splitWords } from '@pilothouse/contract/wire'
import { readCount, readSeconds } from '../clusters/clusters-search.ts'

export type CodeKind = LaunchCode['kind']

export type LaunchDraft = {
  project: number | null
  code: CodeKind
  commit: string
  target: string
  command: string
  name: string
  within: string
  tags: string
  /** `NAME=value`, a line each. */
  environment: string
  nodes: string
  gpus: string
  gpuType: string
  cpus: string
  tasks: string
  memory: string
  time: string
  partition: string
  account: string
  qos: string
  constraint: string
  reservation: string
  /** Options of sbatch, a line each. */
  directives: string
  requeue: boolean
  warn: string
  torchrun: boolean
  /** Of the jobs of a sweep. */
  array: boolean
  atOnce: string
}

/** Made by a form of arguments, in place of the command line: what starts each job, and the words of each. */
export type DraftCommands = { start: readonly string[]; jobs: readonly (readonly string[])[]; total: number }

export type DraftField = keyof LaunchDraft
export type DraftReading = {
  spec: LaunchSpecInput | undefined
  /** Slurm gets its jobs as one array. */
  array?: { atOnce: number | null } | undefined
  faults: Partial<Record<DraftField, string>>
}

export const emptyDraft: LaunchDraft = {
  project: null,
  code: 'tree',
  commit: '',
  target: 'local',
  command: '',
  name: '',
  within: '',
  tags: '',
  environment: '',
  nodes: '',
  gpus: '',
  gpuType: '',
  cpus: '',
  tasks: '',
  memory: '',
  time: '',
  partition: '',
  account: '',
  qos: '',
  constraint: '',
  reservation: '',
  directives: '',
  requeue: true,
  warn: '',
  torchrun: false,
  array: false,
  atOnce: '',
}

/** What can be sent; without a specification, what is wrong and where. */
/** @param commands what a form of arguments has made, where it is used */
export function readDraft(draft: LaunchDraft, commands?: DraftCommands): DraftReading {
  const faults: DraftReading['faults'] = {}
  const command = commands ? { words: [...commands.start, ...(commands.jobs[0] ?? [])] } : splitWords(draft.command)
  const words = 'words' in command ? command.words : []
  if ('message' in command) faults.command = command.message
  else if (commands && commands.jobs.length === 0) faults.command = 'The arguments make no job yet.'
  else if (commands && commands.total > commands.jobs.length)
    faults.command = `The sweep makes ${commands.total} jobs; at most ${commands.jobs.length} are launched together.`
  else if (words.length === 0) faults.command = 'Say what to run, as «python3 train.py --epochs 3».'
  const count = (field: 'nodes' | 'gpus' | 'cpus' | 'tasks' | 'atOnce'): number | undefined => {
    const text = draft[field].trim()
    const value = text === '' ? undefined : readCount(text)
    if (text !== '' && value === undefined) faults[field] = 'A whole number, or nothing.'
    return value
  }
  const [nodes, gpus, cpus, tasks] = [count('nodes'), count('gpus'), count('cpus'), count('tasks')]
  const atOnce = draft.array ? count('atOnce') : undefined
  const time = readTime(draft.time, 'time', faults)
  const warn = readTime(draft.warn, 'warn', faults)
  const memory = readMemory(draft.memory)
  if (memory === null) faults.memory = 'As 64G or 512M.'
  const environment = readEnvironment(draft.environment)
  if (environment === null) faults.environment = explainEnvironment(draft.environment)
  if (draft.code === 'commit' && draft.project !== null && !/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(draft.commit.trim()))
    faults.commit = 'The whole id of a commit: 40 letters and digits.'
  const names = Object.fromEntries(
    (['partition', 'account', 'qos', 'constraint', 'reservation'] as const).flatMap((field) =>
      draft[field].trim() === '' ? [] : [[field, draft[field].trim()]],
    ),
  )
  if (Object.keys(faults).length > 0 || environment === null || memory === null) return { spec: undefined, faults }
  const spec: LaunchSpecInput = {
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    project: draft.project,
    code: draft.code === 'commit' ? { kind: 'commit', commit: draft.commit.trim() } : { kind: draft.code },
    target: draft.target,
    tags: splitList(draft.tags, /[,\n]/),
    command: words,
    torchrun: draft.torchrun,
    within: draft.project === null ? '' : draft.within.trim(),
    environment,
    resources: {
      nodes: nodes ?? 1,
      ...names,
      ...(gpus === undefined ? {} : { gpus: { type: draft.gpuType || null, count: gpus } }),
      ...(cpus === undefined ? {} : { cpus }),
      ...(tasks === undefined ? {} : { tasks }),
      ...(memory === undefined ? {} : { memoryMb: memory }),
      ...(time === undefined ? {} : { timeLimitMinutes: Math.max(1, Math.ceil(time / 60)) }),
    },
    directives: splitList(draft.directives, /\n/),
    requeue: draft.requeue,
    warnSeconds: warn ?? null,
  }
  return { spec, array: draft.array ? { atOnce: atOnce ?? null } : undefined, faults }
}

/** The fields of a launch that was sent, to change and send it again. */
export function writeDraft(spec: LaunchSpec): LaunchDraft {
  const { resources, code } = spec
  const text = (value: number | undefined): string => (value === undefined ? '' : String(value))
  return {
    project: spec.project,
    code: code.kind,
    commit: code.kind === 'commit' ? code.commit : '',
    target: spec.target,
    command: joinWords(spec.command),
    name: spec.name ?? '',
    within: spec.within,
    tags: spec.tags.join(', '),
    environment: Object.entries(spec.environment)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
    nodes: resources.nodes === 1 ? '' : String(resources.nodes),
    gpus: text(resources.gpus?.count),
    gpuType: resources.gpus?.type ?? '',
    cpus: text(resources.cpus),
    tasks: text(resources.tasks),
    memory: resources.memoryMb === undefined ? '' : writeMemory(resources.memoryMb),
    time: resources.timeLimitMinutes === undefined ? '' : writeTime(resources.timeLimitMinutes * 60),
    partition: resources.partition ?? '',
    account: resources.account ?? '',
    qos: resources.qos ?? '',
    constraint: resources.constraint ?? '',
    reservation: resources.reservation ?? '',
    directives: spec.directives.join('\n'),
    requeue: spec.requeue,
    warn: spec.warnSeconds === null ? '' : writeTime(spec.warnSeconds),
    torchrun: spec.torchrun,
    array: false,
    atOnce: '',
  }
}

/** The field of the form that a problem belongs to, by the path of the specification; undefined: to none. */
export function findField(path: string): DraftField | undefined {
  const name = path.replace(/^(spec\.)?(resources\.)?/, '').split('.')[0] ?? ''
  const others: Partial<Record<string, DraftField>> = {
    memoryMb: 'memory',
    timeLimitMinutes: 'time',
    warnSeconds: 'warn',
  }
  return name in emptyDraft ? (name as DraftField) : others[name] // its own keys
}

function readTime(text: string, field: 'time' | 'warn', faults: DraftReading['faults']): number | undefined {
  if (text.trim() === '') return undefined
  const seconds = readSeconds(text)
  if (seconds === undefined) faults[field] = 'As 30m, 8h or 2d12h.'
  return seconds
}

/** In MB. */
const memoryUnits: Readonly<Record<string, number>> = { m: 1, g: 1024, t: 1024 ** 2 }

/** MB; undefined: none. null: it cannot be read. */
function readMemory(text: string): number | undefined | null {
  if (text.trim() === '') return undefined
  const [, number, unit = 'g'] = /^(\d+(?:\.\d+)?)\s*([mgt])?i?b?$/i.exec(text.trim()) ?? []
  if (number === undefined) return null
  const size = Math.round(Number(number) * (memoryUnits[unit.toLowerCase()] ?? 1))
  return size >= 1 ? size : null
}

function writeMemory(mb: number): string {
  return mb % 1024 === 0 ? `${mb / 1024}G` : `${mb}M`
}

function writeTime(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const
  let left = seconds
  return units
    .flatMap(([unit, size]) => {
      const count = Math.floor(left / size)
      left -= count * size
      return count > 0 ? [`${count}${unit}`] : []
    })
    .join('')
}

function readEnvironment(text: string): Record<string, string> | null {
  const entries = splitList(text, /\n/).map((line) => /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line))
  if (entries.includes(null)) return null
  return Object.fromEntries(entries.map((entry) => [entry?.[1] ?? '', entry?.[2] ?? '']))
}

/** A line that is a name alone comes from a preset, which has no values. */
function explainEnvironment(text: string): string {
  const bare = splitList(text, /\n/).filter((line) => /^[A-Za-z_]\w*$/.test(line))
  const [first] = bare
  if (first === undefined) return 'A line each, as NAME=value.'
  return `${bare.join(', ')} ${bare.length === 1 ? 'has' : 'have'} no value yet. Write ${first}=value, or take the line away.`
}

function splitList(text: string, by: RegExp): string[] {
  return text
    .split(by)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
