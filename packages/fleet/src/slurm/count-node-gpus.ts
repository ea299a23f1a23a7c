/** Which GPUs of a node are in use, and what becomes of those that are not. */
import type { GpuCounts } from '@pilothouse/contract'
import { countGpus, countSharedGpus, parseGres, sum } from './gres.ts'
import { expandHostList } from './host-list.ts'
import type { NodeStanding } from './node-state.ts'
import type { QueuedJob } from './parse-queue.ts'
import type { SlurmNode } from './parse-scontrol.ts'

type Counts = Map<string | null, number>
/** GPUs of one GRES type on a node; null: Slurm names none. */
export type NodeGpus = GpuCounts & { gres: string | null }
/** Where GPUs go that are idle. */
export type IdlePlace = 'free' | 'held' | 'stranded' | 'asleep' | 'broken'

/**
 * @param inQueue what the queue says of the node, by `countQueueUse`: used where Slurm itself tells nothing better
 */
export function countNodeGpus(node: SlurmNode, inQueue: Counts | undefined): NodeGpus[] {
  const totals = countGpus(node.gres)
  const used = placeUsed(totals, findUsed(node, totals, inQueue))
  const place = placeIdle(node)
  return [...totals].map(([gres, total]) => {
    const taken = used.get(gres) ?? 0
    return { ...noGpus, gres, total, used: taken, [place]: total - taken }
  })
}

export const noGpus: GpuCounts = { total: 0, used: 0, free: 0, held: 0, stranded: 0, asleep: 0, broken: 0 }

const places: Readonly<Record<NodeStanding, IdlePlace>> = {
  open: 'free',
  held: 'held',
  asleep: 'asleep',
  broken: 'broken',
}

export function placeIdle({ state, cpus, memoryBytes }: SlurmNode): IdlePlace {
  const isFull =
    (cpus.total > 0 && cpus.used >= cpus.total) || (memoryBytes.total > 0 && memoryBytes.used >= memoryBytes.total)
  return state.standing === 'open' && isFull ? 'stranded' : places[state.standing]
}

/** In order of trust: what is given away, by GRES and then by TRES; the queue. */
function findUsed({ gres, gresUsed, allocTres }: SlurmNode, totals: Counts, inQueue: Counts | undefined): Counts {
  if (gresUsed !== null) return countGresUsed(gres, gresUsed, sum(totals.values()))
  return allocTres === null ? (inQueue ?? new Map()) : countGpus(allocTres)
}

function countGresUsed(gres: string, gresUsed: string, gpus: number): Counts {
  const used = countGpus(gresUsed)
  const shards = sum(parseGres(gres).flatMap(({ name, count }) => (name === 'shard' ? [count] : [])))
  for (const entry of parseGres(gresUsed)) {
    if (entry.name !== 'shard') continue
    const shared = countSharedGpus(entry, gpus > 0 ? shards / gpus : 0)
    if (shared > 0) used.set(entry.type, (used.get(entry.type) ?? 0) + shared)
  }
  return used
}

/** Brings what is used under the types that there are; never more of one than there is. */
function placeUsed(totals: Counts, used: Counts): Counts {
  const placed: Counts = new Map()
  let rest = 0
  for (const [type, count] of used) {
    const here = Math.min(count, totals.get(type) ?? 0)
    placed.set(type, here)
    rest += count - here
  }
  for (const [type, total] of totals) {
    const here = placed.get(type) ?? 0
    const more = Math.min(rest, total - here)
    placed.set(type, here + more)
    rest -= more
  }
  return placed
}

/** Which nodes the GPUs of running jobs are on. Of a job on several nodes only their sum is known: even shares. */
export function countQueueUse(queue: readonly QueuedJob[]): Map<string, Counts> {
  const use = new Map<string, Counts>()
  for (const { state, nodeList, gpus } of queue) {
    if (state === 'PENDING' || gpus.size === 0 || nodeList === '') continue
    const names = expandHostList(nodeList)
    for (const name of names) {
      const counts: Counts = use.get(name) ?? new Map()
      for (const [type, count] of gpus) counts.set(type, (counts.get(type) ?? 0) + Math.ceil(count / names.length))
      use.set(name, counts)
    }
  }
  return use
}
