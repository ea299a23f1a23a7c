/** What the document of a comparison holds: the answer that the page compares by, and curves of all jobs. */
import { type ComparedJob, type MetricSeries, PilothouseError, jobSource } from '@pilothouse/contract'
import { type KeyGroup, groupKeys, listMetricKeys, readKey, styleOfPlace } from '@pilothouse/signals'
import type { StorageClient } from '../storage/storage-client.ts'
import { readSeries } from './read-job-document.ts'
import type { ChartLine, DocumentChart } from './render-chart.ts'

const chartsMax = 12
/** Keys of one chart: of training, validation and test. */
const keysMax = 4
/** Buckets of all lines together, at most so many a line. */
const bucketsMax = 60_000
const pointsMax = 200

export type Comparison = {
  jobs: readonly ComparedJob[]
  charts: readonly DocumentChart[]
  chartsLeftOut: number
}

/** @throws PilothouseError `notFound` when one of the jobs is not there: a document is not to be of other jobs than asked for. */
export async function readComparison(storage: StorageClient, asked: readonly string[]): Promise<Comparison> {
  const jobs: ComparedJob[] = []
  const missing: string[] = []
  for (const uid of new Set(asked)) {
    const job = await storage.call('compare.job', { uid })
    if (job) jobs.push(job)
    else missing.push(`«${uid}»`)
  }
  if (missing.length > 0)
    throw new PilothouseError('notFound', `There is no job ${missing.slice(0, 5).join(', ')}.`, { field: 'job' })
  const groups = groupKeys(listMetricKeys(jobs))
  const shown = groups.slice(0, chartsMax)
  return { jobs, charts: await readCharts(storage, jobs, shown), chartsLeftOut: groups.length - shown.length }
}

async function readCharts(
  storage: StorageClient,
  jobs: readonly ComparedJob[],
  groups: readonly KeyGroup[],
): Promise<DocumentChart[]> {
  const keys = groups.flatMap(({ members }) => members.slice(0, keysMax).map(({ key }) => key))
  const points = Math.max(20, Math.min(pointsMax, Math.floor(bucketsMax / Math.max(1, jobs.length * keys.length))))
  const series: MetricSeries[][] = []
  for (const { uid, metrics } of jobs) {
    const own = keys.filter((key) => metrics.some((metric) => metric.key === key))
    series.push(await readSeries(storage, { uid, source: jobSource, keys: own, x: 'step', points }))
  }
  return groups.map(({ title, members }) => ({
    title,
    unit: 'value',
    x: 'step',
    isBare: true,
    lines: jobs.flatMap((job, place) =>
      members.slice(0, keysMax).flatMap(({ key }): ChartLine[] => {
        const parts = (series[place] ?? []).filter((one) => one.key === key)
        if (parts.length === 0) return []
        const label = members.length > 1 ? `${job.name} ${key}` : job.name
        return [{ label, style: styleOfPlace(place, readKey(key).role), parts }]
      }),
    ),
    leftOut: Math.max(0, members.length - keysMax),
  }))
}
