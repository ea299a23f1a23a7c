import { type MetricSeries, gpuResourceKeys, hostResourceKeys, limits } from '@pilothouse/contract'
import type { JobRow } from '../jobs/read-job.ts'
import type { StorageContext } from '../storage/operation.ts'
import { findChain } from '../telemetry/branch-chain.ts'
import { answerMetrics, selectChain } from '../telemetry/query-metrics.ts'

/** Buckets a series: fifteen seconds each of a run of an hour and a half. Many series get fewer each. */
const pointsMax = 360
const bucketsMax = 120_000
const kinds = [
  { source: 'gpu:*', key: Object.keys(gpuResourceKeys) },
  { source: 'host:*', key: Object.keys(hostResourceKeys) },
]

/** What the job's hosts and GPUs did over its whole time, on the server's clock. */
export async function readResources(context: StorageContext, job: JobRow): Promise<MetricSeries[]> {
  const chain = await findChain(context.db, job)
  const found: MetricSeries[] = []
  for (const { source, key } of kinds) {
    const { length: count } = await context.series.latest(selectChain(job.id, chain, { source, keys: key }))
    if (count === 0) continue
    const points = Math.max(1, Math.min(pointsMax, Math.floor(bucketsMax / count)))
    found.push(...(await answerMetrics(context, job, { source, key, x: 'wall', points })).series)
  }
  return found.slice(0, limits.performanceSeriesMax)
}
