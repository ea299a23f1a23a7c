/** What Prometheus is told, as docs/prometheus.md lists it. Names and units follow its conventions; a name stays what it is. Pure. */
import { type BatchOverview, type SystemStatus, batchStatuses, engineStates, isEndedBatch } from '@pilothouse/contract'
import type { BatchFigures } from '../batches/read-operations.ts'
import type { EngineNow } from '../engines/engines.ts'
import type { Family, Sample } from './format-exposition.ts'

export type Scraped = {
  version: string
  /** ms since 1970. */
  startedAt: number
  residentBytes: number
  jobs: SystemStatus['jobs']['byState']
  points: number
  ingest: SystemStatus['ingest']
  batches: readonly BatchFigures[]
  workers: BatchOverview['workers']
  engines: readonly EngineNow[]
}

export function listFamilies(scraped: Scraped): Family[] {
  return [
    ...listOwn(scraped),
    ...listJobs(scraped),
    ...listBatches(scraped.batches),
    ...listWorkers(scraped.workers),
    ...listEngines(scraped.engines),
  ]
}

function listOwn({ version, startedAt, residentBytes }: Scraped): Family[] {
  return [
    gauge('pilothouse_build_info', 'Always 1; the version stands in its label.', [{ labels: { version }, value: 1 }]),
    gauge('process_start_time_seconds', 'When the server started, since 1970.', [{ value: startedAt / 1_000 }]),
    gauge('process_resident_memory_bytes', 'Memory that the server takes.', [{ value: residentBytes }]),
  ]
}

function listJobs({ jobs, points, ingest }: Scraped): Family[] {
  const { reportsPerSecond, pointsPerSecond, ackP50Ms, ackP99Ms } = ingest
  const delays = [['0.5', ackP50Ms] as const, ['0.99', ackP99Ms] as const]
  return [
    gauge('pilothouse_jobs', 'Jobs by state.', countEach('state', Object.entries(jobs))),
    gauge('pilothouse_points_stored', 'Points of metrics that are kept.', [{ value: points }]),
    gauge('pilothouse_intake_points_per_second', 'Points taken in, of the last minute.', [{ value: pointsPerSecond }]),
    gauge('pilothouse_intake_reports_per_second', 'Reports taken in, of the last minute.', [
      { value: reportsPerSecond },
    ]),
    gauge(
      'pilothouse_intake_delay_seconds',
      'From the arrival of a report until it is durable, of the last minute: half of them, and 99 of 100, took less.',
      delays.flatMap(([share, ms]) => (ms === null ? [] : [{ labels: { share }, value: ms / 1_000 }])),
    ),
  ]
}

function listBatches(batches: readonly BatchFigures[]): Family[] {
  const byStatus = sumBy(batches, ({ status }) => status)
  const byModel = [...sumBy(batches, ({ model }) => model ?? '')]
  const open = sumBy(
    batches.filter(({ status }) => !isEndedBatch(status)),
    ({ model }) => model ?? '',
  )
  return [
    gauge(
      'pilothouse_batches',
      'Batches by status.',
      countEach(
        'status',
        batchStatuses.map((status) => [status, byStatus.get(status)?.batches ?? 0] as const),
      ),
    ),
    gauge(
      'pilothouse_batch_requests_waiting',
      'Requests without a result, of batches that are not over.',
      byModel.map(([model]) => ({ labels: { model }, value: countLeft(open.get(model)) })),
    ),
    counter(
      'pilothouse_batch_requests_total',
      'Requests that have their result: an answer, or none for good.',
      byModel.flatMap(([model, { completed, failed }]) => [
        { labels: { model, result: 'completed' }, value: completed },
        { labels: { model, result: 'failed' }, value: failed },
      ]),
    ),
    counter(
      'pilothouse_batch_dead_letters_total',
      'Requests that have failed for good and can be sent again.',
      byModel.map(([model, { letters }]) => ({ labels: { model }, value: letters })),
    ),
    counter(
      'pilothouse_batch_tokens_total',
      'Tokens as engines counted them.',
      byModel.flatMap(([model, { inputTokens, outputTokens }]) => [
        { labels: { model, direction: 'input' }, value: inputTokens },
        { labels: { model, direction: 'output' }, value: outputTokens },
      ]),
    ),
  ]
}

function countLeft(sums: Sums | undefined): number {
  return sums ? sums.total - sums.completed - sums.failed : 0
}

function listWorkers(workers: Scraped['workers']): Family[] {
  const inServer = workers.filter(({ isInServer }) => isInServer).length
  const each = (pick: (worker: Scraped['workers'][number]) => number): Sample[] =>
    workers.map((worker) => ({ labels: { worker: worker.name }, value: pick(worker) }))
  return [
    gauge(
      'pilothouse_workers',
      'Workers of batches that were heard of within a minute.',
      countEach('place', [
        ['server', inServer],
        ['elsewhere', workers.length - inServer],
      ]),
    ),
    gauge(
      'pilothouse_worker_requests_in_flight',
      'Requests that a worker has under way.',
      each(({ inFlight }) => inFlight),
    ),
    gauge(
      'pilothouse_worker_heard_timestamp_seconds',
      'When a worker was heard of last, since 1970.',
      each(({ heardAt }) => heardAt / 1_000),
    ),
  ]
}

function listEngines(engines: readonly EngineNow[]): Family[] {
  const told = (pick: (figures: NonNullable<EngineNow['figures']>) => number | null): Sample[] =>
    engines.flatMap(({ name, figures }) => {
      const value = figures && pick(figures)
      return value === null ? [] : [{ labels: { engine: name }, value }]
    })
  return [
    gauge(
      'pilothouse_engines',
      'Engines by state.',
      countEach(
        'state',
        engineStates.map((state) => [state, engines.filter((one) => one.state === state).length] as const),
      ),
    ),
    gauge(
      'pilothouse_engine_healthy',
      'Whether an engine answers and is not paused.',
      engines.map(({ name, state }) => ({ labels: { engine: name }, value: state === 'healthy' ? 1 : 0 })),
    ),
    gauge(
      'pilothouse_engine_requests_running',
      'Requests that an engine computes, as it tells.',
      told(({ running }) => running),
    ),
    gauge(
      'pilothouse_engine_requests_waiting',
      'Requests that wait at an engine, as it tells.',
      told(({ waiting }) => waiting),
    ),
    gauge(
      'pilothouse_engine_cache_usage_ratio',
      'Share of its key-value cache that an engine uses, 0 to 1, as it tells.',
      told(({ cacheUse }) => cacheUse),
    ),
  ]
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples }
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, samples }
}

function countEach(label: string, counts: Iterable<readonly [string, number]>): Sample[] {
  return [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }))
}

type Sums = Omit<BatchFigures, 'status' | 'model'>

function sumBy(batches: readonly BatchFigures[], key: (one: BatchFigures) => string): Map<string, Sums> {
  const sums = new Map<string, Sums>()
  for (const one of batches) {
    const before = sums.get(key(one))
    sums.set(key(one), {
      batches: (before?.batches ?? 0) + one.batches,
      total: (before?.total ?? 0) + one.total,
      completed: (before?.completed ?? 0) + one.completed,
      failed: (before?.failed ?? 0) + one.failed,
      letters: (before?.letters ?? 0) + one.letters,
      inputTokens: (before?.inputTokens ?? 0) + one.inputTokens,
      outputTokens: (before?.outputTokens ?? 0) + one.outputTokens,
    })
  }
  return sums
}
