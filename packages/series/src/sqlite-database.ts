/** The seam to a database on a SQLite file of our own: for tests, benchmarks, and tools that read a store by itself. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { PilothouseError } from '@pilothouse/contract'
import { seriesMigrations } from './migrations.ts'
import type { SeriesDatabase, SqlRow, SqlValue } from './types.ts'

export type SqliteSeriesDatabase = SeriesDatabase & {
  readonly raw: DatabaseSync
  close(): void
}

const columnTypes = { id: 'integer primary key autoincrement', int64: 'integer', blob: 'blob' }
const diskFullCode = 13

/**
 * Opens or makes a file (or takes a connection that is open) with the store's tables, every commit synced to the disk. The
 * pages are 4 kB: with 8 kB chunks of 1,024 points waste 22 %; `synchronous = normal` gains nothing measurable.
 */
export function openSqliteSeriesDatabase(target: string | DatabaseSync): SqliteSeriesDatabase {
  const raw = typeof target === 'string' ? new DatabaseSync(target) : target
  raw.exec('pragma journal_mode = wal')
  raw.exec('pragma synchronous = full')
  raw.exec('pragma temp_store = memory')
  raw.exec('pragma cache_size = -32000')
  raw.exec('pragma wal_autocheckpoint = 4000')
  migrateSeries(raw)
  const statements = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql)
    if (known) return known
    const made = raw.prepare(sql)
    statements.set(sql, made)
    return made
  }
  return {
    kind: 'sqlite',
    raw,
    all: async (sql, parameters = []) => runNamed(() => readRows(prepare(sql), parameters)),
    run: async (sql, parameters = []) => runNamed(() => void prepare(sql).run(...parameters)),
    transaction: (work) => runTransaction(raw, work),
    close: () => void (raw.isOpen && raw.close()),
  }
}

function readRows(statement: StatementSync, parameters: readonly SqlValue[]): SqlRow[] {
  return statement.all(...parameters) as SqlRow[] // bigints are off, so a row has these types only
}

function migrateSeries(raw: DatabaseSync): void {
  const done = Number(raw.prepare('pragma user_version').get()?.['user_version'] ?? 0)
  seriesMigrations.slice(done).forEach((statements, place) => {
    raw.exec('begin immediate')
    for (const statement of statements(columnTypes)) raw.exec(statement)
    raw.exec(`pragma user_version = ${done + place + 1}`)
    raw.exec('commit')
  })
}

async function runTransaction<Result>(raw: DatabaseSync, work: () => Promise<Result>): Promise<Result> {
  raw.exec('begin immediate')
  try {
    const result = await work()
    runNamed(() => raw.exec('commit'))
    return result
  } catch (error) {
    // A full disk may have rolled it back already.
    if (raw.isTransaction) raw.exec('rollback')
    throw error
  }
}

function runNamed<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    const code = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined
    if (code !== diskFullCode) throw cause
    throw new PilothouseError('diskFull', 'The database cannot grow: the disk is full.', { cause })
  }
}
