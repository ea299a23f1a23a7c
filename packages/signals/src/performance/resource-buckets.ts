/** Buckets of a resource series as stretches of time, and what they have in common. */
import { type ResourceSeries, measureTimes } from './resource-series.ts'

export type TimeSpan = { from: number; to: number }
/** A time, ms, and what was measured in it. */
export type Stretch = TimeSpan & { mean: number; min: number; max: number }

/** Buckets that lie wholly within one of `spans` and have a figure, in order. */
export function listBuckets(series: ResourceSeries, spans: readonly TimeSpan[]): Stretch[] {
  const timesMs = measureTimes(series)
  const found: Stretch[] = []
  timesMs.forEach((timeMs, at) => {
    const [from, last, mean] = [series.x[at] ?? 0, series.xLast[at] ?? 0, series.mean[at] ?? Number.NaN]
    if (!Number.isFinite(mean) || !spans.some((span) => from >= span.from && last <= span.to)) return
    found.push({ from, to: from + timeMs, mean, min: series.min[at] ?? mean, max: series.max[at] ?? mean })
  })
  return found
}

/** Joins neighbours for which `holds`. A time without figures ends a stretch. */
export function findStretches(buckets: readonly Stretch[], holds: (bucket: Stretch) => boolean): Stretch[] {
  const found: Stretch[] = []
  let isOpen = false
  for (const bucket of buckets) {
    const last = found.at(-1)
    if (!holds(bucket)) isOpen = false
    else if (isOpen && last && bucket.from <= last.to) found[found.length - 1] = join(last, bucket)
    else {
      found.push(bucket)
      isOpen = true
    }
  }
  return found
}

function join(one: Stretch, other: Stretch): Stretch {
  return {
    from: one.from,
    to: Math.max(one.to, other.to),
    mean: meanOf([one, other]),
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
  }
}

/** Mean over time; NaN of nothing. */
export function meanOf(buckets: readonly Stretch[]): number {
  const total = sumMs(buckets)
  return total > 0 ? buckets.reduce((sum, { from, to, mean }) => sum + mean * (to - from), 0) / total : Number.NaN
}

export function sumMs(spans: readonly TimeSpan[]): number {
  return spans.reduce((sum, { from, to }) => sum + (to - from), 0)
}
