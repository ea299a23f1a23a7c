/**
 * What a resource did over a while, from its series in buckets. A bucket stands for the time until the next one begins,
 * but at most for three usual distances of samples a point: a pause, or a time in which nobody sampled, counts for nothing.
 */
import type { Spread } from '@pilothouse/contract'

/** One resource series in buckets over time; columns as `MetricSeries` of the contract has them. */
export type ResourceSeries = {
  key: string
  source: string
  /** Times of the first and the last point of each bucket, ms. */
  x: ArrayLike<number>
  xLast: ArrayLike<number>
  mean: ArrayLike<number>
  min: ArrayLike<number>
  max: ArrayLike<number>
  /** Points in each bucket. */
  n: ArrayLike<number>
}

const distancesMax = 3
/** Samplers look every two seconds; a single sample stands for as long. */
const usualDistanceMs = 2_000

/** Time that each bucket stands for, ms. */
export function measureTimes(series: ResourceSeries): Float64Array {
  const { x, n } = series
  const distanceMs = findDistance(series)
  return Float64Array.from({ length: x.length }, (_, at) => {
    const samples = n[at] ?? 1
    const next = x[at + 1]
    if (next === undefined) return samples * distanceMs
    return Math.max(0, Math.min(next - (x[at] ?? next), samples * distanceMs * distancesMax))
  })
}

/** Mean over the time with figures, and the highest of all; null without figures. */
export function measureSpread(series: ResourceSeries | undefined): Spread | null {
  if (!series) return null
  const timesMs = measureTimes(series)
  let weight = 0
  let sum = 0
  let peak = Number.NEGATIVE_INFINITY
  timesMs.forEach((timeMs, at) => {
    const mean = series.mean[at] ?? Number.NaN
    if (!Number.isFinite(mean)) return
    weight += timeMs
    sum += mean * timeMs
    peak = Math.max(peak, series.max[at] ?? mean)
  })
  return weight > 0 ? { mean: sum / weight, peak } : null
}

/** The integral over time, in units of the series × hours: of watts it is watt-hours. null without figures. */
export function integrateHours(series: ResourceSeries | undefined): number | null {
  const spread = measureSpread(series)
  return spread === null || !series ? null : (spread.mean * sumTimes(series)) / 3_600_000
}

/** Time with figures, ms. */
export function sumTimes(series: ResourceSeries | undefined): number {
  if (!series) return 0
  return measureTimes(series).reduce((sum, timeMs, at) => (Number.isFinite(series.mean[at]) ? sum + timeMs : sum), 0)
}

/** Time in which the mean stood below `limit`, ms. */
export function timeBelow(series: ResourceSeries, limit: number): number {
  return measureTimes(series).reduce((sum, timeMs, at) => ((series.mean[at] ?? limit) < limit ? sum + timeMs : sum), 0)
}

/** The usual distance of two samples, ms: the median over the buckets. */
function findDistance({ x, xLast, n }: ResourceSeries): number {
  const distances: number[] = []
  for (let at = 0; at < x.length; at += 1) {
    const inside = (n[at] ?? 1) - 1
    const begin = x[at] ?? 0
    const distance = inside > 0 ? ((xLast[at] ?? begin) - begin) / inside : (x[at + 1] ?? Number.NaN) - begin
    if (distance > 0) distances.push(distance)
  }
  distances.sort((one, other) => one - other)
  return distances[distances.length >> 1] ?? usualDistanceMs
}
