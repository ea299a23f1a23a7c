import {
  type MetricAnswer,
  type MetricSeries,
  type XAxis,
  encodeMetricAnswer,
  jobSource,
  keyOfAxis,
  metricColumns,
  type metricQuery,
} from '@pilothouse/contract'
import type { SeriesBuckets, SeriesQuery, SeriesStore } from '@pilothouse/series'
import type { z } from 'zod'
import { findJob } from '../jobs/find-job.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { type BranchPart, findChain } from './branch-chain.ts'
import { toWireValues } from './wire-numbers.ts'

/** Buckets in one answer, over all its series; a wide query gets fewer a series. */
const bucketsMax = 500_000

export type MetricsQuery = z.output<typeof metricQuery>
export type QueryMetricsInput = { uid: string; query: MetricsQuery; format: 'json' | 'frame' }

/** Series in buckets, encoded as it is sent. A branch is read with its ancestors up to each fork. */
export const queryMetrics: Operation<QueryMetricsInput, Uint8Array> = async (context, { uid, query, format }) => {
  return encodeAnswer(await answerMetrics(context, await findJob(context.db, uid), query), format)
}

/** An answer as it is sent. */
export function encodeAnswer(answer: MetricAnswer, format: 'json' | 'frame'): Uint8Array {
  return format === 'frame' ? encodeMetricAnswer(answer) : encodeJson(answer)
}

export async function answerMetrics(
  { db, series }: StorageContext,
  job: JobRow,
  query: MetricsQuery,
): Promise<MetricAnswer> {
  const chain = await findChain(db, job, query.branch)
  const { x, source, key } = query
  const shift = shiftOf(x, job)
  const selectors = selectChain(job.id, chain, { source, keys: key })
  const asked: SeriesQuery = {
    selectors,
    ...toStored(x),
    clock: query.by && (await findClock(series, selectChain(job.id, chain, { source: jobSource }), x)),
    points: Math.min(query.points, Math.max(1, Math.floor(bucketsMax / (await countSeries(series, selectors))))),
    ...(query.smooth === undefined || query.smooth === 0 ? {} : { smooth: query.smooth }),
    ...(query.from === undefined ? {} : { from: query.from + shift }),
    ...(query.to === undefined ? {} : { to: query.to + shift }),
  }
  const found = await series.query(asked)
  return { job: job.uid, x, series: found.map((one) => toMetricSeries(one, shift)) }
}

export function selectChain(
  group: number,
  chain: readonly BranchPart[],
  { source, keys }: { source: string; keys?: readonly string[] | undefined },
) {
  return chain.map((part) => ({ group, source, ...part, ...(keys === undefined ? {} : { keys }) }))
}

function toStored(x: XAxis): Pick<SeriesQuery, 'x' | 'over'> {
  const over = keyOfAxis(x)
  if (over !== undefined) return { x: 'step', over }
  return { x: x === 'step' || x === 'epoch' ? x : 'time' }
}

/** What stands between x as it is asked for and x as it is stored: points keep the client's clock. */
export function shiftOf(x: XAxis, { clock_offset_ms, started_ms, created_ms }: JobRow): number {
  if (x === 'relative') return (started_ms ?? created_ms) + (clock_offset_ms ?? 0)
  return x === 'wall' ? (clock_offset_ms ?? 0) : 0
}

/** The job's own series that says best when it was where; undefined over axes that points know by themselves. */
async function findClock(series: SeriesStore, own: SeriesQuery['selectors'], x: XAxis): Promise<SeriesQuery['clock']> {
  if (x !== 'step' && x !== 'epoch') return undefined
  const totals = new Map<string, number>()
  for (const { key, total, epoch } of await series.latest(own)) {
    if (x === 'step' || Number.isFinite(epoch)) totals.set(key, (totals.get(key) ?? 0) + total)
  }
  const [longest] = [...totals].sort(([, one], [, other]) => other - one)
  return longest === undefined ? null : { source: jobSource, key: longest[0] }
}

async function countSeries(series: SeriesStore, selectors: SeriesQuery['selectors']): Promise<number> {
  const [first] = selectors
  if (first?.keys && !first.source.endsWith('*')) return first.keys.length
  return (await series.latest(selectors)).length
}

function toMetricSeries(one: SeriesBuckets, shift: number): MetricSeries {
  const { group: _group, ...series } = one
  return shift === 0
    ? series
    : { ...series, x: one.x.map((value) => value - shift), xLast: one.xLast.map((value) => value - shift) }
}

function encodeJson({ series, ...rest }: MetricAnswer): Uint8Array {
  const plain = series.map((one) => ({
    ...one,
    ...Object.fromEntries(metricColumns.map((column) => [column, toWireValues(one[column])])),
    ...(one.smoothed ? { smoothed: toWireValues(one.smoothed) } : {}),
  }))
  return new TextEncoder().encode(JSON.stringify({ ...rest, series: plain }))
}
