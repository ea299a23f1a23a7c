import type { Client } from '@pilothouse/client'
import type { Checkpoint, Job, MetricAnswer, MetricSeries, Parameter } from '@pilothouse/contract'
import { formatDuration, formatValue } from '@pilothouse/signals'
import { curvePointsMax, type TopCurve, type TopDetail } from '../top-state.ts'

const shownMax = 12
/** Curves of GPUs in one picture; of a job on hundreds the first ones stand for all. */
const gpuCurvesMax = 8

/** Asks for all that the screen shows of one job. @throws PilothouseError */
export async function readJobDetail(client: Client, uid: string, signal: AbortSignal): Promise<TopDetail> {
  const params = { uid }
  const [job, parameters, checkpoints, gpus] = await Promise.all([
    client.call('jobs.get', { params, signal }),
    client.call('parameters.list', { params, signal }),
    client.call('checkpoints.list', { params, signal }),
    client.metrics(uid, { key: ['gpu.utilization'], source: 'gpu:*', x: 'wall', points: curvePointsMax }, signal),
  ])
  const key = job.headline?.key
  const own =
    key === undefined ? null : await client.metrics(uid, { key: [key], x: 'wall', points: curvePointsMax }, signal)
  return {
    rowId: uid,
    curves: [
      ...listCurves(own, 'number', (series) => series.key),
      ...listCurves(gpus, '%', nameGpu).slice(0, gpuCurvesMax),
    ],
    stages: job.stages.map(({ name, state, done, total }) => ({ name, state, progress: shareOf(done, total) })),
    parameters: parameters.parameters.slice(0, shownMax).map(viewParameter),
    checkpoints: checkpoints.checkpoints.slice(0, shownMax).map((one) => viewCheckpoint(one, job)),
    facts: listFacts(job),
  }
}

function listCurves(
  answer: MetricAnswer | null,
  unit: TopCurve['unit'],
  name: (series: MetricSeries) => string,
): TopCurve[] {
  return (answer?.series ?? [])
    .filter(({ n }) => n.length > 0)
    .map((series) => ({ key: name(series), unit, times: Array.from(series.xLast), values: Array.from(series.mean) }))
}

function nameGpu({ source }: MetricSeries): string {
  return `gpu ${source.slice(source.lastIndexOf('/') + 1)}`
}

function shareOf(done: number | null, total: number | null): number | null {
  return done === null || total === null || total <= 0 ? null : Math.min(1, done / total)
}

function viewParameter({ key, value, unit }: Parameter): { name: string; value: string } {
  const text = typeof value === 'number' ? formatValue(value) : String(value)
  return { name: key, value: unit === null ? text : `${text} ${unit}` }
}

function viewCheckpoint(
  { name, step, time, metrics }: Checkpoint,
  { headline }: Job,
): TopDetail['checkpoints'][number] {
  const value = headline === null ? undefined : metrics[headline.key]
  const metric = value === undefined || headline === null ? null : `${headline.key} ${formatValue(Number(value))}`
  return { name, step, at: time, metric }
}

function listFacts(job: Job): TopDetail['facts'] {
  const gpus = job.hardware.flatMap((one) => one.gpus.map(({ name }) => name))
  const speed = job.progress?.stepsPerSecond ?? null
  const texts: [string, string | null | undefined][] = [
    ['project', job.project],
    ['owner', job.owner.name],
    ['target', job.target],
    ['host', job.hardware.map(({ host }) => host).join(', ') || null],
    ['gpus', countNames(gpus)],
    ['model', job.model],
    ['dataset', job.dataset],
    ['speed', speed === null ? null : `${speed.toPrecision(3)} steps/s`],
    ['ran for', job.startedAt === null || job.endedAt === null ? null : formatDuration(job.endedAt - job.startedAt)],
    ['attempt', job.attempt > 1 ? String(job.attempt) : null],
    ['why', job.diagnosis ?? job.stateReason],
    ['error', job.errorMessage],
    ['tags', job.tags.join(', ') || null],
  ]
  return texts.flatMap(([name, value]) => (value ? [{ name, value }] : []))
}

function countNames(names: readonly string[]): string | null {
  const counts = Map.groupBy(names, (name) => name)
  return Array.from(counts, ([name, all]) => (all.length === 1 ? name : `${all.length} × ${name}`)).join(', ') || null
}
