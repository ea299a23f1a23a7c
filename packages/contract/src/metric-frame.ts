/**
 * The binary form of a metrics answer: each series has `buckets` in the header and its columns behind it,
 * after them `smoothed` where it has `smoothing`.
 */
import { decodeFrame, encodeFrame } from './frame.ts'
import type { MetricAnswer, MetricSeries } from './metric.ts'

/** Columns of a series in the frame, in this order, each `buckets` long. */
export const metricColumns = ['x', 'xLast', 'first', 'last', 'min', 'max', 'mean', 'n', 'nonFinite'] as const
export type MetricColumn = (typeof metricColumns)[number]

type SeriesHeader = Omit<MetricSeries, MetricColumn | 'smoothed'> & { buckets: number }

/** Puts an answer into a frame. */
export function encodeMetricAnswer(answer: MetricAnswer): Uint8Array<ArrayBuffer> {
  const series: SeriesHeader[] = answer.series.map(({ key, source, branch, total, count, x, smoothing }) => ({
    key,
    source,
    branch,
    total,
    count,
    buckets: x.length,
    ...(smoothing ? { smoothing } : {}),
  }))
  const columns = answer.series.flatMap((one) => [
    ...metricColumns.map((column) => one[column]),
    ...(one.smoothing ? [one.smoothed ?? []] : []),
  ])
  return encodeFrame({ job: answer.job, x: answer.x, series }, columns)
}

/**
 * Reads what `encodeMetricAnswer` wrote. The header is trusted: it comes from our own server.
 * @throws PilothouseError `malformed` when the frame is not whole.
 */
export function decodeMetricAnswer(bytes: Uint8Array): MetricAnswer {
  const { header, columns } = decodeFrame(bytes)
  const answer = header as Omit<MetricAnswer, 'series'> & { series: SeriesHeader[] } // our own server wrote it
  const series = answer.series.map(({ buckets, ...rest }): MetricSeries => {
    const filled = Object.fromEntries(metricColumns.map((column) => [column, columns.take(buckets)]))
    const smoothed = rest.smoothing ? { smoothed: columns.take(buckets) } : {}
    return { ...rest, ...smoothed, ...(filled as Record<MetricColumn, Float64Array>) } // one entry for each of metricColumns
  })
  columns.finish()
  return { ...answer, series }
}
