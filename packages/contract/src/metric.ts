import { z } from 'zod'
import { jobSource } from './resource-key.ts'
import { limits } from './limits.ts'
import type { MetricColumn } from './metric-frame.ts'
import { queryList } from './query-list.ts'
import { wireNumber } from './report.ts'
import { smoothMax } from './smooth-max.ts'
import { type XAxis, xAxes } from './x-axis.ts'

/** One of the axes that every point has, or `metric:<key>`: the value of that metric at the step of the point. */
const xAxis = z.union([z.enum(xAxes), z.templateLiteral(['metric:', z.string().min(1).max(limits.keyBytesMax)])])

/** `GET /api/jobs/{uid}/metrics` and its aliases. */
export const metricQuery = z.object({
  /** Repeat for several; absent = every key of the source. */
  key: queryList(z.string(), limits.querySeriesMax),
  /** Exact source, or `*` for all; `host:*` and `gpu:*` for all of that kind. */
  source: z.string().max(limits.nameLengthMax).default(jobSource),
  /** Absent = the current branch with its ancestors up to each fork. */
  branch: z.coerce.number().int().min(0).optional(),
  x: xAxis.default('step'),
  /**
   * `time`: over steps or epochs, points lie where the job was at their time, not at what they carry themselves
   * (place-in-time.ts). For what is measured of machines.
   */
  by: z.enum(['time']).optional(),
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
  /** At most so many buckets a series. */
  points: z.coerce.number().int().min(1).max(limits.queryPointsMax).default(1000),
  /**
   * Weight of a moving average over the points, debiased: each bucket then has `smoothed` as well. `auto` = one that grows
   * with the length of the series; absent or 0 = none.
   */
  smooth: z.union([z.literal('auto'), z.coerce.number().min(0).max(smoothMax)]).optional(),
})
export type MetricQuery = z.input<typeof metricQuery>

/**
 * One series, in at most `points` buckets ordered by x. A bucket with one point has that point in every column.
 * Non-finite values count in `nonFinite`, not in min, max and mean; `first` and `last` may be non-finite.
 */
export const metricSeries = z.object({
  key: z.string(),
  source: z.string(),
  branch: z.int(),
  /** Points of the whole series so far, in order of arrival: live points continue from this number. */
  total: z.int(),
  /** Points within the range asked for; over a metric only those that have a place there. */
  count: z.int(),
  /** x of each bucket's first and last point. */
  x: z.array(wireNumber),
  xLast: z.array(wireNumber),
  first: z.array(wireNumber),
  last: z.array(wireNumber),
  min: z.array(wireNumber),
  max: z.array(wireNumber),
  mean: z.array(wireNumber),
  n: z.array(z.int()),
  nonFinite: z.array(z.int()),
  /** With `smooth`: the average over each bucket's last point and all before it, of the whole series. */
  smoothed: z.array(wireNumber).optional(),
  smoothing: z.object({ weight: z.number(), mass: z.number() }).optional(),
})

/** The weight of an average, and the share of all weights that its last value has: with them it goes on over live points. */
export type Smoothing = { weight: number; mass: number }

/** The same with columns as the frame has them. */
export type MetricSeries = {
  key: string
  source: string
  branch: number
  total: number
  count: number
  smoothed?: ArrayLike<number>
  smoothing?: Smoothing
} & Record<MetricColumn, ArrayLike<number>>

export const metricAnswer = z.object({
  job: z.string(),
  x: xAxis,
  series: z.array(metricSeries),
})
export type MetricAnswer = { job: string; x: XAxis; series: MetricSeries[] }

/** The newest point of each series, and its extremes. */
export const latestMetric = z.object({
  key: z.string(),
  source: z.string(),
  branch: z.int(),
  total: z.int(),
  step: z.number(),
  epoch: z.number().nullable(),
  /** Corrected to the server's clock, ms. */
  time: z.number(),
  value: wireNumber,
  min: wireNumber,
  minStep: z.number(),
  max: wireNumber,
  maxStep: z.number(),
  nonFinite: z.int(),
})
export type LatestMetric = z.infer<typeof latestMetric>

export const latestQuery = z.object({ source: metricQuery.shape.source, branch: metricQuery.shape.branch })
export const latestAnswer = z.object({ job: z.string(), metrics: z.array(latestMetric) })
export type LatestAnswer = z.infer<typeof latestAnswer>
