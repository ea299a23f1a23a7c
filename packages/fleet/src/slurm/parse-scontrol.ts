/** Nodes and partitions, as `scontrol -d show node -o` and `scontrol show partition -o` have them: one a line. */
import { readNodeState, type NodeState } from './node-state.ts'
import { parseSpan } from './slurm-time.ts'

export type SlurmNode = {
  name: string
  state: NodeState
  /** GRES string of what it has, and of what is given away; null where this Slurm does not tell. */
  gres: string
  gresUsed: string | null
  /** TRES string of what is given away; null where GPUs are not accounted for. */
  allocTres: string | null
  cpus: { total: number; used: number }
  memoryBytes: { total: number; used: number }
  features: string[]
  partitions: string[]
  /** As an admin, or Slurm, has put it there, with who and when. */
  reason: string | null
}

export type SlurmPartition = {
  name: string
  isDefault: boolean
  /** UP, DOWN, DRAIN, INACTIVE. */
  state: string
  maxTimeSeconds: number | null
  defaultTimeSeconds: number | null
  minNodes: number
  maxNodes: number | null
  /** null: everybody's. */
  allowedGroups: string[] | null
  allowedAccounts: string[] | null
  deniedAccounts: string[]
  allowedQos: string[] | null
  deniedQos: string[]
  isRootOnly: boolean
  priorityTier: number
  preemptMode: string
}

const bytesPerMegabyte = 1024 ** 2

/** Lines that are no nodes are left out, and so is what somebody's greeting prints. Never throws. */
export function parseNodes(text: string): SlurmNode[] {
  return readRecords(text, 'NodeName').map((read) => ({
    name: read('NodeName'),
    state: readNodeState(read('State')),
    gres: readText(read('Gres')) ?? '',
    gresUsed: readText(read('GresUsed')),
    allocTres: read('CfgTRES').includes('gres/gpu') ? read('AllocTRES') : null,
    cpus: {
      total: readCount(read('CPUEfctv')) ?? readCount(read('CPUTot')) ?? 0,
      used: readCount(read('CPUAlloc')) ?? 0,
    },
    memoryBytes: {
      total:
        Math.max(0, (readCount(read('RealMemory')) ?? 0) - (readCount(read('MemSpecLimit')) ?? 0)) * bytesPerMegabyte,
      used: (readCount(read('AllocMem')) ?? 0) * bytesPerMegabyte,
    },
    features: readList(read('ActiveFeatures')),
    partitions: readList(read('Partitions')),
    reason: readText(read('Reason')),
  }))
}

/** The same of partitions. */
export function parsePartitions(text: string): SlurmPartition[] {
  return readRecords(text, 'PartitionName').map((read) => ({
    name: read('PartitionName'),
    isDefault: read('Default') === 'YES',
    state: read('State') || 'UNKNOWN',
    maxTimeSeconds: parseSpan(read('MaxTime')),
    defaultTimeSeconds: parseSpan(read('DefaultTime')),
    minNodes: readCount(read('MinNodes')) ?? 0,
    maxNodes: readCount(read('MaxNodes')),
    allowedGroups: readAllowed(read('AllowGroups')),
    allowedAccounts: readAllowed(read('AllowAccounts')),
    deniedAccounts: readList(read('DenyAccounts')),
    allowedQos: readAllowed(read('AllowQos')),
    deniedQos: readList(read('DenyQos')),
    isRootOnly: read('RootOnly') === 'YES',
    priorityTier: readCount(read('PriorityTier')) ?? 1,
    preemptMode: read('PreemptMode') || 'OFF',
  }))
}

type ReadField = (key: string) => string

/** Lines that begin with the key, each as a function that finds a value in it; without one, the empty text. */
function readRecords(text: string, firstKey: string): ReadField[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${firstKey}=`) && line.length > firstKey.length + 1)
    .map(makeReader)
}

/**
 * `Key=value` pairs. Values may hold spaces (`OS`), and the text of a reason, which stands behind all others but a few, what
 * looks like another pair. Fields are looked for one by one: of some forty a third is wanted.
 */
function makeReader(line: string): ReadField {
  const reasonAt = line.indexOf(' Reason=')
  const head = reasonAt < 0 ? line : line.slice(0, reasonAt)
  return (key) => {
    if (key === 'Reason') return reasonAt < 0 ? '' : readReason(line.slice(reasonAt + ' Reason='.length))
    const at = head.startsWith(`${key}=`) ? -1 : head.indexOf(` ${key}=`)
    if (at < 0 && !head.startsWith(`${key}=`)) return ''
    const from = at + key.length + 2
    nextField.lastIndex = from
    return head.slice(from, nextField.exec(head)?.index ?? head.length).trim()
  }
}

const nextField = / [A-Z][A-Za-z:/]*=/g
const behindReason = / (Comment|Extra|ReservationName|InstanceId|InstanceType|ResumeAfterTime)=.*$/

function readReason(text: string): string {
  return text.replace(behindReason, '').trim()
}

function readText(text: string): string | null {
  return text === '' || text === '(null)' || text === 'N/A' ? null : text
}

function readList(text: string): string[] {
  return readText(text)?.split(',').filter(Boolean) ?? []
}

function readAllowed(text: string): string[] | null {
  return text === 'ALL' || readText(text) === null ? null : readList(text)
}

function readCount(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}
