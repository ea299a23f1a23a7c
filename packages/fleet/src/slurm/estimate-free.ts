import type { GpuAvailability, StartAnswer } from '@pilothouse/contract'
import { sum } from './gres.ts'
import { expandHostList } from './host-list.ts'
import type { SlurmFacts } from './slurm-facts.ts'

type Place = Pick<StartAnswer['later'][number], 'gres' | 'nodes' | 'gpusPerNode' | 'on'>

/**
 * When the GPUs of a place that has to wait are free at the latest, ms, by the limits of the jobs that run, unless others who
 * wait take them. null: not by waiting for those alone.
 */
export function estimateFree(facts: SlurmFacts, { nodes }: GpuAvailability, place: Place): number | null {
  const ends = listEnds(facts, place.gres)
  const freeAt = place.on.map((name) => {
    const now = nodes.find((node) => node.name === name)?.gpus.find(({ gres }) => gres === place.gres)?.free ?? 0
    return findMoment(place.gpusPerNode - now, ends.get(name) ?? [], facts.at)
  })
  const last = freeAt.toSorted((one, other) => one - other)[place.nodes - 1]
  return last === undefined || last === Infinity ? null : last
}

type End = { at: number; gpus: number }

/** By node: when running jobs end at the latest, and what each gives back there. */
function listEnds({ queue }: SlurmFacts, gres: string | null): Map<string, End[]> {
  const ends = new Map<string, End[]>()
  for (const job of queue) {
    if (job.state === 'PENDING') continue
    // One that was asked for without a type has one of those that are there.
    const count = sum([...job.gpus].map(([type, gpus]) => (type === gres || type === null ? gpus : 0)))
    const names = expandHostList(job.nodeList)
    const end = { at: job.endedAt ?? Infinity, gpus: count / Math.max(1, names.length) }
    if (count > 0) for (const name of names) ends.set(name, [...(ends.get(name) ?? []), end])
  }
  return ends
}

function findMoment(missing: number, ends: readonly End[], now: number): number {
  let left = missing
  if (left <= 0) return now
  for (const { at, gpus } of ends.toSorted((one, other) => one.at - other.at)) {
    left -= gpus
    if (left <= 0) return Math.max(now, at)
  }
  return Infinity
}
