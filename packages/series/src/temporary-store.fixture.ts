/** A store on a database of its own, which goes when the test ends: a file of SQLite, or a schema of PostgreSQL. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { PostgresConnection } from './postgres-connection.ts'
import { openPostgresSeriesDatabase } from './postgres-database.ts'
import type { SeriesOptions } from './room.ts'
import { openSeriesStore } from './series-store.ts'
import { openSqliteSeriesDatabase } from './sqlite-database.ts'
import type { SeriesBlock, SeriesDatabase, SeriesStore } from './types.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where tests run on SQLite. */
    postgresUrl: string | null
  }
}

type OpenDatabase = SeriesDatabase & { close(): void | Promise<void> }

/** Where a store is kept: a file name, or the address of a schema. */
export function openDatabase(place: string): Promise<OpenDatabase> {
  return place.startsWith('postgres:')
    ? openPostgresSeriesDatabase(place)
    : Promise.resolve(openSqliteSeriesDatabase(place))
}

export class TemporaryStore {
  readonly place: string
  database: OpenDatabase
  store: SeriesStore
  readonly #remove: () => Promise<void>
  readonly #options: SeriesOptions

  private constructor(parts: { home: Home; options: SeriesOptions; database: OpenDatabase; store: SeriesStore }) {
    this.place = parts.home.place
    this.#remove = parts.home.remove
    this.#options = parts.options
    this.database = parts.database
    this.store = parts.store
  }

  static async open(options: SeriesOptions = {}): Promise<TemporaryStore> {
    const url = inject('postgresUrl')
    const home = url === null ? makeFolder() : await makeSchema(url)
    const database = await openDatabase(home.place)
    return new TemporaryStore({ home, options, database, store: await openSeriesStore(database, options) })
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
    await this.database.close()
    this.database = await openDatabase(this.place)
    this.store = await openSeriesStore(this.database, this.#options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close()
    await this.#remove()
  }
}

type Home = { place: string; remove: () => Promise<void> }

function makeFolder(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'series-'))
  return {
    place: join(folder, 'series.db'),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function makeSchema(url: string): Promise<Home> {
  const name = `t${randomBytes(8).toString('hex')}`
  const administer = async (sql: string) => {
    const connection = await PostgresConnection.open({ url })
    await connection.run(sql)
    await connection.close()
  }
  await administer(`create schema ${name}`)
  return { place: `${url}?options=-csearch_path%3D${name}`, remove: () => administer(`drop schema ${name} cascade`) }
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
