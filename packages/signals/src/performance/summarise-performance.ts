/**
 * Where the time of a job and the hardware under it went, from what was reported. Nothing is estimated that nobody
 * measured: without power there is no energy, without a rate in the metrics no samples a second.
 */
import type { GpuFigures, Hardware, HostFigures, JobCost, JobPerformance, TimedAttempt } from '@pilothouse/contract'
import { parseSource } from '@pilothouse/contract/wire'
import { costOf } from '../cost/price-job.ts'
import { findHints } from './find-hints.ts'
import { findInputWait, isRateKey } from './rate-keys.ts'
import { type ResourceSeries, integrateHours, measureSpread, sumTimes, timeBelow } from './resource-series.ts'

/** Below this share a GPU does next to nothing, %. */
export const idleBelow = 10
const hourMs = 3_600_000

/** A metric of the job itself over its whole time. */
export type OwnMetric = { key: string; mean: number; last: number }

export type PerformanceInput = {
  job: string
  /** Server's clock, ms. */
  now: number
  createdAt: number
  /** Those that started, oldest first. */
  attempts: readonly TimedAttempt[]
  attemptsLeftOut: number
  /** What these took, ms. */
  leftOutMs: number
  /** Of an hour; null where no rate matches. */
  price: Pick<JobCost, 'currency' | 'parts'> | null
  hardware: readonly Hardware[]
  /** First and last step and time of the job's own points; null without any. */
  span: { firstStep: number; lastStep: number; firstAt: number; lastAt: number } | null
  own: readonly OwnMetric[]
  resources: readonly ResourceSeries[]
}

/** Pure: the same input gives the same summary. */
export function summarisePerformance(input: PerformanceInput): JobPerformance {
  const performance = summariseFigures(input)
  return { ...performance, hints: findHints({ performance, span: input.span, resources: input.resources }) }
}

function summariseFigures(input: PerformanceInput): Omit<JobPerformance, 'hints'> {
  const { job, now, createdAt, attempts, attemptsLeftOut, span } = input
  const gpus = listGpus(input)
  const gpuCount = Math.max(countGpus(input.hardware), gpus.length)
  const shownMs = attempts.reduce((sum, one) => sum + Math.max(0, (one.endedAt ?? now) - one.startedAt), 0)
  const busyMs = input.leftOutMs + shownMs
  const first = attempts[0]
  return {
    job,
    at: now,
    createdAt,
    attempts: [...attempts],
    attemptsLeftOut,
    waitedMs: first && attemptsLeftOut === 0 ? Math.max(0, first.startedAt - createdAt) : null,
    busyMs,
    steps: span && measureSteps(span, attempts),
    rates: input.own.filter(({ key }) => isRateKey(key)),
    gpuCount,
    gpuHours: gpuCount === 0 ? null : (gpuCount * busyMs) / hourMs,
    cost: input.price && costOf(input.price, busyMs),
    gpuUtilization: meanSpread(gpus),
    gpuMemoryPeak: findMemoryPeak(gpus),
    energyWh: sumKnown(gpus.map(({ energyWh }) => energyWh)),
    gpuIdleMs: meanKnown(gpus.map(({ idleMs }) => idleMs)),
    inputWait: span && findInputWait(input.own, { steps: span.lastStep - span.firstStep + 1, busyMs }),
    gpus,
    hosts: listHosts(input),
  }
}

type Span = NonNullable<PerformanceInput['span']>

/** Steps a second over the time of the points, times between two attempts left out. */
function measureSteps({ firstStep, lastStep, firstAt, lastAt }: Span, attempts: readonly TimedAttempt[]) {
  const betweenMs = attempts.reduce((sum, { startedAt }, at) => {
    const endedAt = attempts[at - 1]?.endedAt
    const outside = endedAt === undefined || endedAt === null || endedAt < firstAt || startedAt > lastAt
    return outside ? sum : sum + Math.max(0, startedAt - endedAt)
  }, 0)
  const spanMs = lastAt - firstAt - betweenMs
  const count = lastStep - firstStep
  return { first: firstStep, last: lastStep, perSecond: count > 0 && spanMs > 0 ? (count * 1_000) / spanMs : null }
}

function listGpus({ resources, hardware }: PerformanceInput): GpuFigures[] {
  return listSources(resources, 'gpu').flatMap((source): GpuFigures[] => {
    const place = parseSource(source)
    if (place.kind !== 'gpu') return []
    const { host, index } = place
    const known = hardware.find((one) => one.host === host)?.gpus.find((one) => one.index === index)
    const find = finderOf(resources, source)
    const utilization = find('gpu.utilization')
    const used = measureSpread(find('gpu.memory.used'))
    const total = measureSpread(find('gpu.memory.total'))?.peak ?? known?.memoryBytes ?? null
    return [
      {
        source,
        host,
        index,
        name: known?.name ?? null,
        utilization: measureSpread(utilization),
        memory: used && { ...used, total },
        temperature: measureSpread(find('gpu.temperature')),
        power: measureSpread(find('gpu.power')),
        energyWh: integrateHours(find('gpu.power')),
        sampledMs: sumTimes(utilization ?? find('gpu.memory.used') ?? find('gpu.power')),
        idleMs: utilization ? timeBelow(utilization, idleBelow) : null,
      },
    ]
  })
}

function listHosts({ resources, hardware }: PerformanceInput): HostFigures[] {
  return listSources(resources, 'host').map((source) => {
    const host = source.replace(/^host:/, '')
    const find = finderOf(resources, source)
    const used = measureSpread(find('memory.used'))
    const known = hardware.find((one) => one.host === host)?.memoryBytes
    return {
      source,
      host,
      cpu: measureSpread(find('cpu.utilization')),
      memory: used && { ...used, total: measureSpread(find('memory.total'))?.peak ?? known ?? null },
      jobMemory: measureSpread(find('process.memory')),
      sampledMs: sumTimes(find('cpu.utilization') ?? find('memory.used')),
    }
  })
}

/** Sources of a kind, `gpu:a/2` before `gpu:a/10`. */
export function listSources(resources: readonly ResourceSeries[], kind: 'gpu' | 'host'): string[] {
  const found = new Set(resources.map(({ source }) => source).filter((source) => source.startsWith(`${kind}:`)))
  return [...found].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
}

/** Finds series of a source by their key. */
export function finderOf(resources: readonly ResourceSeries[], source: string) {
  const own = resources.filter((one) => one.source === source && one.x.length > 0)
  return (key: string): ResourceSeries | undefined => own.find((one) => one.key === key)
}

function countGpus(hardware: readonly Hardware[]): number {
  return hardware.reduce((sum, { gpus }) => sum + gpus.length, 0)
}

/** Each GPU counts for the time it was measured. */
function meanSpread(gpus: readonly GpuFigures[]): JobPerformance['gpuUtilization'] {
  const known = gpus.flatMap(({ utilization, sampledMs }) => (utilization ? [{ ...utilization, sampledMs }] : []))
  const weight = known.reduce((sum, { sampledMs }) => sum + sampledMs, 0)
  if (weight === 0) return null
  const sum = known.reduce((total, { mean, sampledMs }) => total + mean * sampledMs, 0)
  return { mean: sum / weight, peak: Math.max(...known.map(({ peak }) => peak)) }
}

function findMemoryPeak(gpus: readonly GpuFigures[]): number | null {
  const shares = gpus.flatMap(({ memory }) => (memory?.total ? [(100 * memory.peak) / memory.total] : []))
  return shares.length === 0 ? null : Math.max(...shares)
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

function meanKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  const sum = sumKnown(known)
  return sum === null ? null : sum / known.length
}
