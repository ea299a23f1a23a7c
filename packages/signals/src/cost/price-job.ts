/**
 * What an hour of a job costs, by the rates of the server.
 *
 * Each machine of the job is looked up by itself: its GPUs by their name, a machine without any as a host. Of the rates, in
 * their order, the first that matches counts, with both of its prices. A job of which one machine matches no rate has no
 * price: a part of the cost would be taken for all of it.
 */
import type { CostPart, JobCost, Rate } from '@pilothouse/contract'
import { fitsPattern } from '@pilothouse/contract/wire'

export type PricedMachine = { host: string | null; gpus: readonly { name: string }[] }
export type PricedJob = {
  project: string
  target: string | null
  /** ms; null before its first start. */
  startedAt: number | null
  /** Without any, nobody reported one: the job runs on one of which nothing is known. */
  machines: readonly PricedMachine[]
}

const hourMs = 3_600_000
const unknownMachine: PricedMachine = { host: null, gpus: [] }

/** Pure. null: nobody knows. */
export function priceJob(rates: readonly Rate[], job: PricedJob): CostPart[] | null {
  const machines = job.machines.length > 0 ? job.machines : [unknownMachine]
  const parts: CostPart[] = []
  for (const machine of machines) {
    const found = machine.gpus.length > 0 ? priceGpus(rates, job, machine) : priceHost(rates, job, machine)
    if (!found) return null
    parts.push(...found)
  }
  return joinAlike(parts)
}

/** What an hour of all parts costs. */
export function sumParts(parts: readonly CostPart[]): number {
  return parts.reduce((sum, { count, perHour }) => sum + count * perHour, 0)
}

/** What a job costs whose attempts took `busyMs` together. */
export function costOf({ currency, parts }: Pick<JobCost, 'currency' | 'parts'>, busyMs: number): JobCost {
  const hours = busyMs / hourMs
  return { amount: hours * sumParts(parts), currency, hours, parts }
}

/** The host is paid once, by the first rate of its GPUs that has a price for it. */
function priceGpus(rates: readonly Rate[], job: PricedJob, machine: PricedMachine): CostPart[] | null {
  const parts: CostPart[] = []
  let hostHour: number | null = null
  for (const [name, { length: count }] of Map.groupBy(machine.gpus, (gpu) => gpu.name)) {
    const found = rates.find((rate) => matchesJob(rate, job, machine.host) && matchesGpu(rate, name))
    if (!found) return null
    if (found.gpuHour !== null) parts.push({ kind: 'gpu', name, count, perHour: found.gpuHour })
    hostHour ??= found.hostHour
  }
  return hostHour === null ? parts : [...parts, hostPart(hostHour)]
}

function priceHost(rates: readonly Rate[], job: PricedJob, { host }: PricedMachine): CostPart[] | null {
  const found = rates.find((rate) => rate.gpu === null && rate.hostHour !== null && matchesJob(rate, job, host))
  return found && found.hostHour !== null ? [hostPart(found.hostHour)] : null
}

function hostPart(perHour: number): CostPart {
  return { kind: 'host', name: null, count: 1, perHour }
}

function matchesJob({ target, project, from }: Rate, job: PricedJob, host: string | null): boolean {
  const isPlace = target === null || [job.target, host].some((name) => name !== null && fitsPattern(name, target))
  // What has not started will start later than any day that a rate can name by now.
  const isTime = from === null || job.startedAt === null || job.startedAt >= from
  return isPlace && isTime && (project === null || fitsPattern(job.project, project))
}

function matchesGpu({ gpu }: Rate, name: string): boolean {
  return gpu === null || fitsPattern(name, `*${gpu}*`)
}

function joinAlike(parts: readonly CostPart[]): CostPart[] {
  const alike = Map.groupBy(parts, ({ kind, name, perHour }) => JSON.stringify([kind, name, perHour]))
  return [...alike.values()].flatMap((found) => {
    const [first] = found
    return first ? [{ ...first, count: found.reduce((sum, { count }) => sum + count, 0) }] : []
  })
}
