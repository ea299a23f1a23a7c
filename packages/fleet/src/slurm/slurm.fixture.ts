/** Facts for tests: what a Slurm 22.05 has said, and more of the same kind. */
import { readFileSync } from 'node:fs'
import { parseQueue } from './parse-queue.ts'
import { parseNodes, parsePartitions } from './parse-scontrol.ts'
import type { SlurmFacts } from './slurm-facts.ts'
import type { SlurmLimits } from './slurm-limits.ts'

export function readRecorded(name: 'nodes' | 'partitions' | 'queue' | 'accounting'): string {
  return readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'utf8')
}

export function parseFacts(nodes: string, partitions: string, queue: string): SlurmFacts {
  return { at: 0, nodes: parseNodes(nodes), partitions: parsePartitions(partitions), queue: parseQueue(queue) }
}

export const noLimits: SlurmLimits = { allowedPartitions: null, gpuTypes: null, access: null }

/** A line of `scontrol -d show node -o`. */
export function writeNode(name: string, set: Record<string, string> = {}): string {
  const fields = {
    CPUAlloc: '0',
    CPUEfctv: '32',
    CPUTot: '32',
    ActiveFeatures: '(null)',
    Gres: 'gpu:a100:4',
    GresUsed: 'gpu:a100:0(IDX:N/A)',
    OS: 'Linux 6.1.0 #1 SMP PREEMPT_DYNAMIC',
    RealMemory: '64000',
    AllocMem: '0',
    State: 'IDLE',
    Partitions: 'gpu',
    CfgTRES: 'cpu=32,mem=64000M,billing=32',
    AllocTRES: '',
    ...set,
  }
  return `NodeName=${name} ${writePairs(fields)}`
}

/** A line of `scontrol show partition -o`. */
export function writePartition(name: string, set: Record<string, string> = {}): string {
  const fields = {
    AllowGroups: 'ALL',
    AllowAccounts: 'ALL',
    AllowQos: 'ALL',
    Default: 'NO',
    DefaultTime: 'NONE',
    MaxNodes: 'UNLIMITED',
    MaxTime: 'UNLIMITED',
    MinNodes: '0',
    PriorityTier: '1',
    RootOnly: 'NO',
    PreemptMode: 'OFF',
    State: 'UP',
    ...set,
  }
  return `PartitionName=${name} ${writePairs(fields)}`
}

type JobFields = { id: string; state: string; reason: string; partition: string; nodes: number; nodeList: string }
type AskedFields = { alloc: string; perJob: string; perNode: string; perTask: string; tasks: number }

/** A line of `squeue -h -O <queueFormat>`. */
export function writeJob(set: Partial<JobFields & AskedFields>): string {
  const { id = '7', state = 'PENDING', reason = 'Resources', partition = 'gpu', nodes = 1, nodeList = '' } = set
  const { alloc = 'cpu=1,node=1', perJob = 'N/A', perNode = 'N/A', perTask = 'N/A', tasks = nodes } = set
  const times = ['1763767444', 'N/A', 'N/A', '1-00:00:00', '0', '0']
  const who = ['alice', '(null)', 'normal', '4294901755', String(nodes), String(tasks), nodeList]
  return [id, state, reason, partition, ...who, ...times, alloc, perJob, perNode, perTask, ''].join('|')
}

function writePairs(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
}
