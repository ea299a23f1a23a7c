import type {
  ClusterNode,
  ClusterPartition,
  GpuAvailability,
  GpuCounts,
  GpuDemand,
  GpuTypeRow,
} from '@pilothouse/contract'
import { countNodeGpus, countQueueUse, type NodeGpus, noGpus, placeIdle } from './count-node-gpus.ts'
import { sum } from './gres.ts'
import type { QueuedJob } from './parse-queue.ts'
import type { SlurmNode, SlurmPartition } from './parse-scontrol.ts'
import type { SlurmFacts } from './slurm-facts.ts'
import { findBarriers, makeTypeNamer, type NameGpuType, type SlurmLimits } from './slurm-limits.ts'

type Demands = Pick<GpuTypeRow, 'waiting' | 'notYet'>
/** A node with its GPUs of the types that are shown. */
export type CountedNode = { node: SlurmNode; gpus: (NodeGpus & { type: string | null })[] }

/** What page, command and API show of a cluster: partitions that the user may use, their nodes, GPUs by type. */
export function computeAvailability(facts: SlurmFacts, limits: SlurmLimits): GpuAvailability {
  const partitions = facts.partitions.filter((partition) => findBarriers(partition, limits).length === 0)
  const names = new Set(partitions.map(({ name }) => name))
  const open = new Set(partitions.filter(isUp).map(({ name }) => name))
  const nameType = makeTypeNamer(limits.gpuTypes)
  const counted = countNodes(facts, nameType).filter(({ node }) => node.partitions.some((name) => names.has(name)))
  const pending = gatherDemand(facts.queue)
  const here = pending.filter((one) => one.partitions.some((name) => names.has(name)))
  const canStart = ({ node }: CountedNode): boolean => node.partitions.some((name) => open.has(name))
  const whole = { counted, pending, nameType, tierMax: findTierMax(facts.partitions) }
  const all = addUp(
    counted.map((one) => (canStart(one) ? one : close(one))),
    here,
    nameType,
  )
  return {
    at: facts.at,
    types: all.rows,
    anyType: all.anyType,
    partitions: partitions
      .map((partition) => describePartition(partition, whole))
      .toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault)),
    nodes: counted.map((one) => describeNode(canStart(one) ? one : close(one), { names, isUp: canStart(one) })),
    accounts: limits.access?.accounts ?? null,
  }
}

/** Nodes with their GPUs, those of types that are not shown left out. */
export function countNodes({ nodes, queue }: SlurmFacts, nameType: NameGpuType): CountedNode[] {
  const isNeeded = nodes.some(({ gresUsed, allocTres }) => gresUsed === null && allocTres === null)
  const inQueue = isNeeded ? countQueueUse(queue) : null
  return nodes.map((node) => ({
    node,
    gpus: countNodeGpus(node, inQueue?.get(node.name)).flatMap((gpus) => {
      const named = nameType(gpus.gres)
      return named === undefined ? [] : { ...gpus, type: named.name }
    }),
  }))
}

export function isUp({ state }: Pick<SlurmPartition, 'state'>): boolean {
  return state === 'UP'
}

/** The same node as part of a partition that starts nothing. */
export function close({ node, gpus }: CountedNode): CountedNode {
  return {
    node,
    gpus: gpus.map((one) => ({ ...one, ...noGpus, total: one.total, used: one.used, broken: one.total - one.used })),
  }
}

/** Whether jobs there may be stopped for those of a partition of a higher tier. */
export function canBePreempted({ preemptMode, priorityTier }: SlurmPartition, tierMax: number): boolean {
  return preemptMode !== 'OFF' && priorityTier < tierMax
}

export function findTierMax(partitions: readonly SlurmPartition[]): number {
  return partitions.reduce((most, { priorityTier }) => Math.max(most, priorityTier), 0)
}

type Whole = {
  counted: readonly CountedNode[]
  pending: readonly Demand[]
  nameType: NameGpuType
  tierMax: number
}

function describePartition(
  partition: SlurmPartition,
  { counted, pending, nameType, tierMax }: Whole,
): ClusterPartition {
  const { preemptMode: _, isRootOnly: __, ...shown } = partition
  const members = counted.filter(({ node }) => node.partitions.includes(partition.name))
  const asked = pending.filter((one) => one.partitions.includes(partition.name))
  return {
    ...shown,
    canStart: isUp(partition),
    isPreemptible: canBePreempted(partition, tierMax),
    nodes: members.length,
    cpus: {
      total: sum(members.map(({ node }) => node.cpus.total)),
      used: sum(members.map(({ node }) => node.cpus.used)),
    },
    gpus: addUp(isUp(partition) ? members : members.map(close), asked, nameType).rows,
  }
}

function describeNode(
  { node, gpus }: CountedNode,
  { names, isUp: mayStart }: { names: ReadonlySet<string>; isUp: boolean },
): ClusterNode {
  const place = mayStart ? placeIdle(node) : 'broken'
  const hasFree = gpus.length === 0 || gpus.some(({ free }) => free > 0)
  return {
    name: node.name,
    partitions: node.partitions.filter((name) => names.has(name)),
    state: node.state.text,
    canStart: mayStart && node.state.canStart,
    condition: place === 'stranded' || (place === 'free' && !hasFree) ? 'full' : place === 'free' ? 'open' : place,
    reason: node.reason,
    cpus: node.cpus,
    memoryBytes: node.memoryBytes,
    features: node.features,
    gpus,
  }
}

/** Reasons of pending jobs that would not start if there were room. */
const notYetReasons =
  /^(JobHeld|BeginTime|Dependency|JobArrayTaskLimit|Assoc|QOS|Max.*Per|PartitionTimeLimit|PartitionNodeLimit|AccountNotAllowed|InvalidAccount|InvalidQOS|Licenses|BadConstraints|Deadline)/

/** What jobs ask for that ask for the same type in the same partitions. */
export type Demand = GpuDemand & { partitions: readonly string[]; gres: string | null; isNotYet: boolean }

export function gatherDemand(queue: readonly QueuedJob[]): Demand[] {
  const gathered = new Map<string, Demand>()
  for (const { state, reason, partitions, count, gpus } of queue) {
    if (state !== 'PENDING' || gpus.size === 0) continue
    const isNotYet = notYetReasons.test(reason ?? '')
    for (const [gres, each] of gpus) {
      const key = JSON.stringify([partitions, gres, isNotYet])
      const demand = gathered.get(key) ?? { partitions, gres, isNotYet, jobs: 0, gpus: 0 }
      demand.jobs += count
      demand.gpus += each * count
      gathered.set(key, demand)
    }
  }
  return [...gathered.values()]
}

/** Rows of types, and what is asked for without a type where there are several. */
function addUp(
  counted: readonly CountedNode[],
  pending: readonly Demand[],
  nameType: NameGpuType,
): { rows: GpuTypeRow[]; anyType: Demands } {
  const rows = new Map<string | null, GpuTypeRow>()
  for (const { gpus } of counted) for (const one of gpus) addGpus(rows, one)
  const anyType = noDemands()
  for (const { gres, isNotYet, jobs, gpus } of pending) {
    const demands = findRow(rows, gres, nameType) ?? (gres === null ? anyType : null)
    if (demands === null) continue
    const demand = isNotYet ? demands.notYet : demands.waiting
    demand.jobs += jobs
    demand.gpus += gpus
  }
  const sorted = [...rows.values()].toSorted((one, other) => other.total - one.total)
  return { rows: sorted, anyType }
}

function findRow(
  rows: ReadonlyMap<string | null, GpuTypeRow>,
  gres: string | null,
  nameType: NameGpuType,
): Demands | null {
  if (gres !== null) {
    const named = nameType(gres)
    return named === undefined ? null : (rows.get(named.name) ?? null)
  }
  const [only] = rows.values()
  return rows.get(null) ?? (rows.size === 1 ? (only ?? null) : null)
}

function addGpus(rows: Map<string | null, GpuTypeRow>, { type, gres, ...counts }: CountedNode['gpus'][number]): void {
  const row = rows.get(type)
  const names = gres === null ? [] : [gres]
  if (row === undefined) {
    rows.set(type, { ...counts, type, gres: names, ...noDemands(), freeOnOneNode: counts.free })
    return
  }
  for (const key of Object.keys(noGpus) as (keyof GpuCounts)[]) row[key] += counts[key] // keys of the literal above
  row.gres = [...new Set([...row.gres, ...names])]
  row.freeOnOneNode = Math.max(row.freeOnOneNode, counts.free)
}

function noDemands(): Demands {
  return { waiting: { jobs: 0, gpus: 0 }, notYet: { jobs: 0, gpus: 0 } }
}
