/** P2: the series store alone, in one thread: commits of 50 ms, sealing between them, bytes a point at the end. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { type BenchStore, openBenchStore, TrainingJobs, type Workload } from './series-workload.ts'

/** 50 ms at 5 M points/s. */
const commitPoints = 250_000
const long: Workload = { jobs: 50, keys: 40, steps: 20_000 }
const short: Workload = { jobs: 50, keys: 40, steps: 4_000 }

export async function measureAppend(options: { short: boolean }): Promise<Figure[]> {
  const workload = options.short ? short : long
  const bench = await openBenchStore()
  try {
    const diskMsPerMegabyte = measureDisk(bench.folder)
    const { elapsedMs, storeMs, commitsMs, points } = await appendAll(bench, workload)
    const { headBytes } = await bench.store.statistics()
    for (let job = 1; job <= workload.jobs; job += 1) await bench.store.finish(job)
    await bench.store.close()
    const bytes = (await bench.measureBytes()) / points
    const { chunkBytes } = await bench.store.statistics()
    const rate = points / storeMs / 1_000
    const diskRate = 1_000 / 16 / diskMsPerMegabyte // M points/s as 16 raw bytes
    const figure = (
      what: string,
      value: number,
      unit: string,
      promise: { atLeast: number } | { atMost: number } | { informs: true },
    ) => makeFigure({ id: 'P2', what, value, unit, ...promise })
    return [
      figure('append, durable, sealing included', rate, 'M points/s', { atLeast: 5 }),
      figure('bytes a point in the file, all jobs ended', bytes, 'bytes', { atMost: 8 }),
      figure('bytes a point in chunks', chunkBytes / points, 'bytes', { informs: true }),
      figure('one commit of 250,000 points, p99', takePercentile(commitsMs, 0.99), 'ms', { informs: true }),
      figure('slower than raw 16-byte points, written and synced', diskRate / rate, '×', { informs: true }),
      figure('memory of heads', headBytes / 1e6, 'MB', { informs: true }),
      figure('time outside the store (making up points)', (elapsedMs - storeMs) / elapsedMs, 'share', {
        informs: true,
      }),
    ]
  } finally {
    await bench.close()
  }
}

async function appendAll(bench: BenchStore, workload: Workload) {
  const jobs = new TrainingJobs(workload)
  const commitsMs: number[] = []
  let storeMs = 0
  const begin = performance.now()
  for (const blocks of jobs.listCommits(commitPoints)) {
    const start = performance.now()
    await bench.append(blocks)
    commitsMs.push(performance.now() - start)
    while (await bench.store.maintain());
    storeMs += performance.now() - start
  }
  const points = workload.jobs * workload.keys * workload.steps
  return { elapsedMs: performance.now() - begin, storeMs, commitsMs, points }
}

/** Milliseconds a megabyte for sequential writes of 4 MB, synced each. */
function measureDisk(folder: string): number {
  const file = openSync(join(folder, 'raw'), 'w')
  const megabytes = 64
  const part = new Uint8Array(4 * 1024 * 1024).fill(7)
  const start = performance.now()
  for (let written = 0; written < megabytes; written += 4) {
    writeSync(file, part)
    fsyncSync(file)
  }
  closeSync(file)
  return (performance.now() - start) / megabytes
}

if (import.meta.main) console.table(await measureAppend({ short: process.argv.includes('--short') }))
