import type { WireValue, latestQuery } from '@pilothouse/contract'
import type { SeriesSummary } from '@pilothouse/series'
import type { z } from 'zod'
import { findJob } from '../jobs/find-job.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { findChain } from './branch-chain.ts'
import { selectChain } from './query-metrics.ts'
import { finiteOrNull, toWireValue } from './wire-numbers.ts'

/** `LatestMetric` as it stands in JSON. */
export type LatestWire = {
  key: string
  source: string
  branch: number
  total: number
  step: number
  epoch: number | null
  time: number
  value: WireValue
  min: WireValue
  minStep: number
  max: WireValue
  maxStep: number
  nonFinite: number
}
type Query = z.output<typeof latestQuery>

/** The newest point and the extremes of every series. */
export const getLatest: Operation<{ uid: string; query: Query }, { job: string; metrics: LatestWire[] }> = async (
  context,
  { uid, query },
) => {
  const job = await findJob(context.db, uid)
  return { job: job.uid, metrics: await readLatest(context, job, query) }
}

export async function readLatest(
  { db, series }: StorageContext,
  job: Pick<JobRow, 'id' | 'branch' | 'clock_offset_ms'>,
  { source, branch }: Query,
): Promise<LatestWire[]> {
  const chain = await findChain(db, job, branch)
  const found = await series.latest(selectChain(job.id, chain, { source }))
  return keepNewest(
    found,
    chain.map((part) => part.branch),
  ).map((one) => toLatest(one, job.clock_offset_ms ?? 0))
}

/** Of the same series on several branches the one that is nearest to the tip. */
function keepNewest(found: readonly SeriesSummary[], order: readonly number[]): SeriesSummary[] {
  const newest = new Map<string, SeriesSummary>()
  for (const one of found.toSorted((a, b) => order.indexOf(a.branch) - order.indexOf(b.branch)))
    newest.set(`${one.source}\0${one.key}`, one)
  return [...newest.values()]
}

function toLatest(one: SeriesSummary, clockOffsetMs: number): LatestWire {
  const { key, source, branch, total, step, minStep, maxStep, nonFinite } = one
  return {
    key,
    source,
    branch,
    total,
    step,
    epoch: finiteOrNull(one.epoch),
    time: one.time - clockOffsetMs,
    value: toWireValue(one.value),
    min: toWireValue(one.min),
    minStep: Number.isFinite(minStep) ? minStep : step,
    max: toWireValue(one.max),
    maxStep: Number.isFinite(maxStep) ? maxStep : step,
    nonFinite,
  }
}
