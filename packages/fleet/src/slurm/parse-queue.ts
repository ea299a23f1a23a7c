/** The queue, as `squeue -h -O <queueFormat>` has it: one job, or what is pending of an array, a line. */
import { countGpus } from './gres.ts'
import { expandArrayId } from './host-list.ts'
import { parseMoment, parseSpan } from './slurm-time.ts'

/**
 * Fields in their order. `field:|` neither cuts nor pads. Names of jobs are left out: they may hold anything, the dividing
 * sign too.
 */
const queueFields = [
  'JobArrayID',
  'State',
  'Reason',
  'Partition',
  'UserName',
  'Account',
  'QOS',
  'PriorityLong',
  'NumNodes',
  'NumTasks',
  'NodeList',
  'SubmitTime',
  'StartTime',
  'EndTime',
  'TimeLimit',
  'RestartCnt',
  'exit_code',
  'tres-alloc',
  'tres-per-job',
  'tres-per-node',
  'tres-per-task',
] as const

/** For `squeue -O`. */
export const queueFormat = queueFields.map((field) => `${field}:|`).join(',')

export type QueuedJob = {
  /** As squeue has it: `17`, `12_3`, and `12_[4-9%2]` for what is pending of an array. */
  id: string
  /** Elements that the line stands for. */
  count: number
  /** In Slurm's words: PENDING, RUNNING, COMPLETING, … */
  state: string
  /** Why it is pending, or how it ended, in Slurm's words; null for none. */
  reason: string | null
  /** One may be asked for, or several of which one will do. */
  partitions: readonly string[]
  user: string
  account: string | null
  qos: string | null
  priority: number
  nodes: number
  /** Names of the nodes that it has, as Slurm writes lists. */
  nodeList: string
  submittedAt: number | null
  /** Of a pending one: when Slurm expects to start it. */
  startedAt: number | null
  endedAt: number | null
  /** null: without end. */
  limitSeconds: number | null
  restarts: number
  /** Of a job that has ended by itself; of one that a signal ended, its number. */
  exitCode: number
  exitSignal: number | null
  /** Of each element: how many of each type; null is any type. */
  gpus: ReadonlyMap<string | null, number>
}

/** Where each field stands in a line. */
const place = Object.fromEntries(queueFields.map((field, at) => [field, at])) as Record<
  (typeof queueFields)[number],
  number
> // its keys

/** Lines that are no jobs are left out. Never throws. */
export function parseQueue(text: string): QueuedJob[] {
  const read: Readers = {
    // Many jobs ask for the same.
    demand: remember((asked) => readDemand(asked.split('|'))),
    names: remember((names) => names.split(',').filter(Boolean)),
    span: remember(parseSpan),
  }
  return text.split('\n').flatMap((line) => parseJob(line, read) ?? [])
}

type Readers = {
  /** Of nodes, tasks and the last four fields. */
  demand: (text: string) => QueuedJob['gpus']
  names: (text: string) => readonly string[]
  span: (text: string) => number | null
}

function parseJob(line: string, readers: Readers): QueuedJob | null {
  const fields = line.split('|')
  if (fields.length < queueFields.length || !isJobId(fields[0] ?? '')) return null
  const read = (field: (typeof queueFields)[number]): string => fields[place[field]] ?? ''
  const id = read('JobArrayID')
  const nodes = readNumber(read('NumNodes')) ?? 1
  return {
    id,
    count: id.includes('[') ? Math.max(1, expandArrayId(id).length) : 1,
    state: read('State') || 'UNKNOWN',
    reason: readText(read('Reason')),
    partitions: readers.names(read('Partition')),
    user: read('UserName'),
    account: readText(read('Account')),
    qos: readText(read('QOS')),
    priority: readNumber(read('PriorityLong')) ?? 0,
    nodes,
    nodeList: read('NodeList'),
    submittedAt: parseMoment(read('SubmitTime')),
    startedAt: parseMoment(read('StartTime')),
    endedAt: parseMoment(read('EndTime')),
    limitSeconds: readers.span(read('TimeLimit')),
    restarts: readNumber(read('RestartCnt')) ?? 0,
    ...readExit(readNumber(read('exit_code')) ?? 0),
    gpus: readers.demand(
      [nodes, readNumber(read('NumTasks')) ?? nodes, ...fields.slice(place['tres-alloc'])].join('|'),
    ),
  }
}

/** The same text is read once. */
function remember<Value>(read: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = read(text)
    known.set(text, value)
    return value
  }
}

function readDemand([nodes, tasks, alloc = '', perJob = '', perNode = '', perTask = '']: string[]): QueuedJob['gpus'] {
  return countDemand({
    allocated: countGpus(alloc),
    perJob: countGpus(perJob),
    perNode: countGpus(perNode),
    perTask: countGpus(perTask),
    nodes: Number(nodes),
    tasks: Number(tasks),
  })
}

function isJobId(text: string): boolean {
  return /^\d+(_|$)/.test(text)
}

type Counts = QueuedJob['gpus']
type Asked = { allocated: Counts; perJob: Counts; perNode: Counts; perTask: Counts; nodes: number; tasks: number }

/**
 * What a job has or asks for. `tres-alloc` knows how many, where GPUs are accounted for, but seldom of which type; what was
 * asked for knows the type.
 */
function countDemand({ allocated, perJob, perNode, perTask, nodes, tasks }: Asked): Counts {
  if (allocated.size > 0 && !allocated.has(null)) return allocated
  const asked = findAsked({ perJob, perNode: [perNode, nodes], perTask: [perTask, tasks] })
  if (asked === null) return allocated
  const [type] = asked.keys()
  const total = allocated.get(null)
  // One type was asked for: what is allocated without a type is of it.
  return allocated.size === 1 && total !== undefined && asked.size === 1 && type !== undefined
    ? new Map([[type, total]])
    : asked
}

type Multiple = [counts: Counts, by: number]

function findAsked({
  perJob,
  perNode,
  perTask,
}: {
  perJob: Counts
  perNode: Multiple
  perTask: Multiple
}): Counts | null {
  if (perJob.size > 0) return perJob
  const [counts, by] = perNode[0].size > 0 ? perNode : perTask
  return counts.size === 0 ? null : new Map([...counts].map(([type, count]) => [type, count * by]))
}

/** As `wait` has it: the code in the second byte, a signal in the low bits of the first. */
function readExit(status: number): Pick<QueuedJob, 'exitCode' | 'exitSignal'> {
  return { exitCode: (status >> 8) & 255, exitSignal: status & 127 || null }
}

function readText(text: string): string | null {
  return text === '' || text === '(null)' || text === 'N/A' || text === 'None' ? null : text
}

function readNumber(text: string): number | null {
  const number = text === '' ? Number.NaN : Number(text)
  return Number.isSafeInteger(number) && number >= 0 ? number : null
}
