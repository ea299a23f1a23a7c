/** A store on a database file of its own, which goes when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeriesOptions } from './room.ts'
import { openSeriesStore } from './series-store.ts'
import { openSqliteSeriesDatabase, type SqliteSeriesDatabase } from './sqlite-database.ts'
import type { SeriesBlock, SeriesStore } from './types.ts'

export class TemporaryStore {
  readonly file: string
  database: SqliteSeriesDatabase
  store: SeriesStore
  readonly #folder: string
  readonly #options: SeriesOptions

  private constructor(parts: {
    folder: string
    file: string
    options: SeriesOptions
    database: SqliteSeriesDatabase
    store: SeriesStore
  }) {
    this.#folder = parts.folder
    this.file = parts.file
    this.#options = parts.options
    this.database = parts.database
    this.store = parts.store
  }

  static async open(options: SeriesOptions = {}): Promise<TemporaryStore> {
    const folder = mkdtempSync(join(tmpdir(), 'series-'))
    const file = join(folder, 'series.db')
    const database = openSqliteSeriesDatabase(file)
    return new TemporaryStore({ folder, file, options, database, store: await openSeriesStore(database, options) })
  }

  /** One commit, as the server does it. Returns the numbers of the first points. */
  async append(blocks: readonly SeriesBlock[]): Promise<number[][]> {
    const staged = await this.database.transaction(() => this.store.stage(blocks))
    return staged.apply().map(({ from }) => from)
  }

  async maintainAll(): Promise<void> {
    while (await this.store.maintain({ budgetMs: 50 }));
  }

  /** As after the death of the process: nothing in memory survives. */
  async reopen(): Promise<void> {
    this.database.close()
    this.database = openSqliteSeriesDatabase(this.file)
    this.store = await openSeriesStore(this.database, this.#options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.database.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** One key, steps counting from `from`, one row every 100 ms. */
export function makeBlock(rows: number, part: Partial<SeriesBlock> & { from?: number } = {}): SeriesBlock {
  const { from = 0, ...rest } = part
  const steps = Float64Array.from({ length: rows }, (_, row) => from + row)
  const keys = rest.keys ?? ['loss']
  return {
    group: 1,
    branch: 0,
    source: 'job',
    keys,
    steps,
    times: steps.map((step) => 1_700_000_000_000 + step * 100),
    values: keys.map((_, column) =>
      steps.map((step) => Math.fround(Math.sin(step * 0.37 + column) / (1 + step * 0.01))),
    ),
    ...rest,
  }
}
