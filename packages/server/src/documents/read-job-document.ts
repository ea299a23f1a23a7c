/** What the document of one job holds, read question after question: reports and others come in between. */
import {
  type Diagnosis,
  type Job,
  type JobPerformance,
  type LatestMetric,
  type LogLine,
  type MetricSeries,
  type Note,
  type XAxis,
  decodeMetricAnswer,
  findDefinition,
  jobSource,
  latestQuery,
  logQuery,
  metricQuery,
  noteQuery,
} from '@pilothouse/contract'
import {
  type KeyGroup,
  chooseAxes,
  groupKeys,
  listResourcePictures,
  listResults,
  type MetricResult,
  nameResource,
  styleMembers,
  styleOfRank,
} from '@pilothouse/signals'
import type { StorageClient } from '../storage/storage-client.ts'
import type { ChartLine, DocumentChart } from './render-chart.ts'

/** Charts in a document; the values of all other metrics stand in its table. */
const chartsMax = 24
const linesMax = 8
/** Buckets a line: about two a pixel of its place. */
const points = 240
const gpusMax = 8
const hostsMax = 4
const resourceTitles = new Set(['GPU utilisation', 'GPU memory', 'CPU', 'Memory'])
const notesMax = 50
const tailLines = 30

export type JobDocument = {
  job: Job
  charts: readonly DocumentChart[]
  chartsLeftOut: number
  results: readonly MetricResult[]
  resources: readonly DocumentChart[]
  performance: JobPerformance
  diagnosis: Diagnosis
  /** The end of the log of a job that did not end well. */
  tail: readonly LogLine[]
  notes: readonly Note[]
  notesTotal: number
}

/** @throws PilothouseError `notFound` */
export async function readJobDocument(storage: StorageClient, uid: string): Promise<JobDocument> {
  const job = await storage.call('jobs.get', { uid })
  const latest = (await readLatest(storage, uid)).filter(({ key }) => findDefinition(job.metrics, key)?.hidden !== true)
  const groups = groupKeys(
    latest.map(({ key }) => key),
    chooseAxes(job.metrics, findLogged(latest)),
    job,
  )
  const performance = await storage.call('jobs.performance', { uid })
  const diagnosis = await storage.call('jobs.diagnosis', { uid })
  const { notes, total } = await storage.call('notes.list', { uid, query: noteQuery.parse({ limit: notesMax }) })
  return {
    job,
    charts: await readCharts(storage, uid, groups.slice(0, chartsMax)),
    chartsLeftOut: Math.max(0, groups.length - chartsMax),
    results: listResults(latest, job.metrics),
    resources: await readResources(storage, uid, performance),
    performance,
    diagnosis,
    tail: await readTail(storage, job),
    notes,
    notesTotal: total,
  }
}

async function readLatest(storage: StorageClient, uid: string): Promise<LatestMetric[]> {
  const { metrics } = await storage.call('metrics.latest', { uid, query: latestQuery.parse({}) })
  // On the wire numbers that JSON lacks are words, which `Number` reads.
  return metrics.map((one) => ({ ...one, value: Number(one.value), min: Number(one.min), max: Number(one.max) }))
}

function findLogged(latest: readonly LatestMetric[]) {
  const keys = new Set(latest.map(({ key }) => key))
  return { hasKey: (key: string) => keys.has(key), hasEpochs: latest.some(({ epoch }) => epoch !== null) }
}

async function readCharts(storage: StorageClient, uid: string, groups: readonly KeyGroup[]): Promise<DocumentChart[]> {
  const found = new Map<XAxis, MetricSeries[]>()
  for (const [x, alike] of Map.groupBy(groups, (group) => group.x)) {
    const keys = alike.flatMap(({ members }) => members.slice(0, linesMax).map(({ key }) => key))
    found.set(x, await readSeries(storage, { uid, source: jobSource, keys, x, points }))
  }
  return groups.map((group) => toChart(group, found.get(group.x) ?? []))
}

function toChart(group: KeyGroup, series: readonly MetricSeries[]): DocumentChart {
  const styles = styleMembers(group)
  const lines = group.members.slice(0, linesMax).flatMap(({ key }): ChartLine[] => {
    const parts = series.filter((one) => one.key === key)
    const known = styles.get(key)
    return known && parts.length > 0 ? [{ label: known.name, style: known.style, parts }] : []
  })
  const leftOut = Math.max(0, group.members.length - linesMax)
  return { title: group.title, unit: 'value', x: group.x, lines, leftOut }
}

/** The first machines' own curves; the figures of all of them stand in the tables. */
async function readResources(
  storage: StorageClient,
  uid: string,
  { gpus, hosts }: JobPerformance,
): Promise<DocumentChart[]> {
  const sources = [...gpus.slice(0, gpusMax), ...hosts.slice(0, hostsMax)].map(({ source }) => source)
  const found: MetricSeries[] = []
  for (const source of sources)
    found.push(...(await readSeries(storage, { uid, source, keys: resourceKeys, x: 'relative', points })))
  const facts = found.map(({ key, source }) => ({ key, source }))
  const shown = listResourcePictures(facts).filter(({ title }) => resourceTitles.has(title))
  return shown.map(({ title, unit, keys, source }) => {
    const kind = source.slice(0, -1)
    const own = found.filter((one) => keys.includes(one.key) && one.source.startsWith(kind))
    const lines = [...Map.groupBy(own, (one) => nameResource(one, hosts.length > 1))].map(([label, parts], rank) => ({
      label,
      style: styleOfRank(rank),
      parts,
    }))
    const leftOut = kind === 'gpu:' ? Math.max(0, gpus.length - gpusMax) : Math.max(0, hosts.length - hostsMax)
    return { title, unit, x: 'relative', lines, leftOut }
  })
}

const resourceKeys = [
  'gpu.utilization',
  'gpu.memory.used',
  'cpu.utilization',
  'process.cpu',
  'memory.used',
  'process.memory',
]

type Question = { uid: string; source: string; keys: string[]; x: XAxis; points: number }

/** Series in buckets, as a chart draws them. */
export async function readSeries(
  storage: StorageClient,
  { uid, source, keys, x, points: buckets }: Question,
): Promise<MetricSeries[]> {
  if (keys.length === 0) return []
  const query = metricQuery.parse({ source, key: keys, x, points: buckets })
  return decodeMetricAnswer(await storage.call('metrics.query', { uid, query, format: 'frame' })).series
}

async function readTail(storage: StorageClient, { uid, state }: Job): Promise<readonly LogLine[]> {
  if (state !== 'failed' && state !== 'lost') return []
  const page = await storage.call('logs.page', { uid, query: logQuery.parse({ count: tailLines }) })
  return page.lines
}
