/** P3, the part of the store: charts of 1,000 buckets, warm and after a restart. */
import type { SeriesQuery, SeriesSelector } from '@pilothouse/series'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { type BenchStore, openBenchStore, TrainingJobs } from './series-workload.ts'

const buckets = 1_000
const commitPoints = 250_000

type Case = { what: string; selectors: SeriesSelector[]; atMost: number }

export async function measureQuery(options: { short: boolean }): Promise<Figure[]> {
  const bench = await openBenchStore()
  try {
    const cases = await fillStore(bench, options)
    const figures: Figure[] = []
    for (const one of cases) figures.push(...(await measureWarm(bench, one, options.short ? 15 : 60)))
    for (const one of cases.slice(0, options.short ? 2 : 3)) {
      for (const smooth of [0.9, 0.99, 0.999] as const) figures.push(await measureSmooth(bench, one, smooth))
    }
    for (const one of cases.slice(0, 3)) figures.push(await measureCold(bench, one, options.short ? 3 : 9))
    return figures
  } finally {
    await bench.close()
  }
}

/** 50 jobs of 12 keys × 20,000 steps; beside them one series of a million and one of ten million points. */
async function fillStore(bench: BenchStore, options: { short: boolean }): Promise<Case[]> {
  const jobs = { jobs: 50, keys: 12, steps: 20_000 }
  for (const blocks of new TrainingJobs(jobs).listCommits(commitPoints)) await appendMaintained(bench, blocks)
  await fillLong(bench, 101, 1_000_000)
  if (!options.short) await fillLong(bench, 102, 10_000_000)
  const all = Array.from({ length: 50 }, (_, job) => ({ group: job + 1, branch: 0, source: 'job' }))
  const keys = ['loss', 'layer/1/loss', 'layer/2/loss', 'layer/3/loss']
  const one = (group: number) => [{ group, branch: 0, source: 'job', keys: ['loss'] }]
  return [
    { what: '1 series of 20 k points', selectors: one(7), atMost: 1 },
    { what: '1 series of 1 M points', selectors: one(101), atMost: 2 },
    ...(options.short ? [] : [{ what: '1 series of 10 M points', selectors: one(102), atMost: 10 }]),
    {
      what: '10 jobs × 4 metrics of 20 k points',
      selectors: all.slice(0, 10).map((job) => ({ ...job, keys })),
      atMost: 20,
    },
    { what: '50 jobs × 12 metrics of 20 k points', selectors: all, atMost: 250 },
  ]
}

async function fillLong(bench: BenchStore, group: number, points: number): Promise<void> {
  const job = new TrainingJobs({ jobs: 1, keys: 1, steps: points })
  const rows = 50_000
  for (let from = 0; from < points; from += rows) await appendMaintained(bench, [job.makeBlock(group, from, rows)])
}

async function appendMaintained(bench: BenchStore, blocks: Parameters<BenchStore['append']>[0]): Promise<void> {
  await bench.append(blocks)
  while (await bench.store.maintain());
}

async function measureWarm(bench: BenchStore, { what, selectors, atMost }: Case, times: number): Promise<Figure[]> {
  for (let time = 0; time < 3; time += 1) await runQuery(bench, selectors)
  const samples: number[] = []
  for (let time = 0; time < times; time += 1) samples.push(await runQuery(bench, selectors))
  const named = { id: 'P3', unit: 'ms' }
  return [
    makeFigure({ ...named, what: `store: ${what}, warm, p50`, value: takePercentile(samples, 0.5), atMost }),
    makeFigure({ ...named, what: `store: ${what}, warm, p99`, value: takePercentile(samples, 0.99), informs: true }),
  ]
}

/** The same with a moving average beside it. */
async function measureSmooth(bench: BenchStore, { what, selectors }: Case, smooth: number): Promise<Figure> {
  const samples: number[] = []
  for (let time = 0; time < 15; time += 1) samples.push(await runQuery(bench, selectors, smooth))
  const value = takePercentile(samples.slice(3), 0.5)
  return makeFigure({ id: 'P3', what: `store: ${what}, smooth ${smooth}, p50`, value, unit: 'ms', informs: true })
}

async function measureCold(bench: BenchStore, { what, selectors }: Case, times: number): Promise<Figure> {
  const samples: number[] = []
  for (let time = 0; time < times; time += 1) {
    await bench.reopen()
    samples.push(await runQuery(bench, selectors))
  }
  const value = takePercentile(samples, 0.5)
  return makeFigure({ id: 'P3', what: `store: ${what}, after reopening, p50`, value, unit: 'ms', atMost: 50 })
}

async function runQuery(bench: BenchStore, selectors: SeriesSelector[], smooth?: number): Promise<number> {
  const query: SeriesQuery = { selectors, x: 'step', points: buckets, smooth }
  const start = performance.now()
  await bench.store.query(query)
  return performance.now() - start
}

if (import.meta.main) console.table(await measureQuery({ short: process.argv.includes('--short') }))
