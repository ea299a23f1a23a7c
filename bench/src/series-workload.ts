/** What the benchmarks of the series store feed it: jobs that train, with losses as a float32 computation gives them. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  openPostgresSeriesDatabase,
  openSeriesStore,
  openSqliteSeriesDatabase,
  type SeriesBlock,
  type SeriesStore,
} from '@pilothouse/series'
import { findDatabase } from './bench-database.ts'

export type Workload = { jobs: number; keys: number; steps: number }

/** Rows of one report: 1,000 points at 40 keys. */
const blockRows = 25
const startMs = 1_750_000_000_000

/** Values prepared before the clock runs, so that making them up is not measured. */
const waveLength = 65_536

/** Makes the blocks of a workload, rows of all jobs interleaved as they would arrive. */
export class TrainingJobs {
  readonly #workload: Workload
  readonly #noise: Float64Array
  readonly #jitter: Float64Array
  readonly #keys: string[]

  constructor(workload: Workload) {
    this.#workload = workload
    const random = makeRandom(7)
    this.#noise = Float64Array.from({ length: waveLength }, () => Math.fround(0.3 + random() * 0.2))
    this.#jitter = Float64Array.from({ length: waveLength }, () => Math.floor(random() * 20))
    this.#keys = Array.from({ length: workload.keys }, (_, key) => (key === 0 ? 'loss' : `layer/${key}/loss`))
  }

  /** The next rows of one job: steps count, times jitter around 50 ms, values are noisy float32 numbers. */
  makeBlock(group: number, from: number, rows = blockRows): SeriesBlock {
    const steps = new Float64Array(rows)
    const times = new Float64Array(rows)
    for (let row = 0; row < rows; row += 1) {
      steps[row] = from + row
      times[row] = startMs + (from + row) * 50 + (this.#jitter[(group * 31 + from + row) % waveLength] ?? 0)
    }
    const values = this.#keys.map((_, key) => this.#makeValues(group * 977 + key * 131 + from, rows))
    return { group, branch: 0, source: 'job', keys: this.#keys, steps, times, values }
  }

  /** Groups of blocks, each about `points` points, each to be one commit. */
  *listCommits(points: number): Generator<SeriesBlock[]> {
    let commit: SeriesBlock[] = []
    let filled = 0
    for (let from = 0; from < this.#workload.steps; from += blockRows) {
      const rows = Math.min(blockRows, this.#workload.steps - from)
      for (let job = 1; job <= this.#workload.jobs; job += 1) {
        commit.push(this.makeBlock(job, from, rows))
        filled += rows * this.#workload.keys
        if (filled < points) continue
        yield commit
        commit = []
        filled = 0
      }
    }
    if (commit.length > 0) yield commit
  }

  #makeValues(seed: number, rows: number): Float64Array {
    const from = (seed * 7919) % (waveLength - rows)
    return this.#noise.subarray(from, from + rows)
  }
}

export type BenchStore = {
  folder: string
  store: SeriesStore
  append(blocks: readonly SeriesBlock[]): Promise<void>
  /** Opens the same database anew: a cold store. */
  reopen(): Promise<void>
  /** Bytes of the database, indexes included. */
  measureBytes(): Promise<number>
  close(): Promise<void>
}

/** A store on a file of its own in a temporary folder, or in a schema of PostgreSQL. */
export async function openBenchStore(): Promise<BenchStore> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-series-'))
  const file = join(folder, 'series.db')
  const url = await findDatabase(folder)
  const open = () => (url === undefined ? openSqliteSeriesDatabase(file) : openPostgresSeriesDatabase(url))
  let database = await open()
  const bench: BenchStore = {
    folder,
    store: await openSeriesStore(database),
    append: async (blocks) => {
      const staged = await database.transaction(() => bench.store.stage(blocks))
      staged.apply()
    },
    reopen: async () => {
      await bench.store.close()
      await database.close()
      database = await open()
      bench.store = await openSeriesStore(database)
    },
    measureBytes: async () => {
      if (url === undefined) return statSync(file).size
      const [row] = await database.all(sumSizes)
      return Number(row?.['bytes'])
    },
    close: async () => {
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return bench
}

const sumSizes =
  "select sum(pg_total_relation_size(oid)) as bytes from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'"

function makeRandom(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}
