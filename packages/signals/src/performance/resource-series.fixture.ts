import type { ResourceSeries } from './resource-series.ts'

/** A series whose every bucket is one sample: values at `from`, and each `everyMs` after it. */
export function makeSeries(
  key: string,
  values: readonly number[],
  { source = 'gpu:node1/0', from = 0, everyMs = 2_000 }: { source?: string; from?: number; everyMs?: number } = {},
): ResourceSeries {
  const x = values.map((_, at) => from + at * everyMs)
  return { key, source, x, xLast: x, mean: values, min: values, max: values, n: values.map(() => 1) }
}

/** The samples of `series` in buckets of `size`, as the store answers. */
export function bucketSeries(series: ResourceSeries, size: number): ResourceSeries {
  const values = Array.from(series.mean)
  const starts = values.flatMap((_, at) => (at % size === 0 ? [at] : []))
  const parts = starts.map((start) => values.slice(start, start + size))
  return {
    ...series,
    x: starts.map((start) => series.x[start] ?? 0),
    xLast: starts.map((start, at) => series.x[start + (parts[at]?.length ?? 1) - 1] ?? 0),
    mean: parts.map((part) => part.reduce((sum, value) => sum + value, 0) / part.length),
    min: parts.map((part) => Math.min(...part)),
    max: parts.map((part) => Math.max(...part)),
    n: parts.map((part) => part.length),
  }
}
