/**
 * One SQLite connection: the seam that `@pilothouse/series` asks for, and Kysely on the same connection. `node:sqlite` is
 * synchronous, so a promise here is settled within the same turn of the event loop.
 *
 * A commit writes to SQLite's write-ahead log without waiting for the disk; `persist` waits, outside the thread, so that
 * the next commit is prepared meanwhile. Who acknowledges must wait for `persist` first (persist-gate.ts).
 */
import { closeSync, existsSync, fdatasync, openSync, statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { type SqlRow, type SqlValue, toStorableText } from '@pilothouse/series'
import { Kysely, SqliteDialect } from 'kysely'
import type { StorageDatabase } from './storage-database.ts'
import type { Tables } from './tables.ts'

/** Statements kept prepared; at the limit the one unused for longest goes. */
const statementsMax = 400

export type SqliteOptions = {
  /** Bound of the file's size in pages of 4 kB; beyond it every write is refused as on a full disk. */
  pagesMax?: number | undefined
}

/** Opens (or makes) a database file with a write-ahead log. */
export function openSqlite(file: string, options: SqliteOptions = {}): StorageDatabase {
  const raw = new DatabaseSync(file)
  raw.exec('pragma journal_mode = wal')
  // Syncs at checkpoints only, which keeps the file sound; `persist` syncs what was committed since.
  raw.exec('pragma synchronous = normal')
  raw.exec('pragma busy_timeout = 2000')
  raw.exec('pragma temp_store = memory')
  raw.exec('pragma cache_size = -32000')
  raw.exec('pragma wal_autocheckpoint = 4000')
  if (options.pagesMax !== undefined) raw.exec(`pragma max_page_count = ${Math.floor(options.pagesMax)}`)
  const statements = new StatementCache(raw)
  const log = new WriteAheadLog(`${file}-wal`)
  return {
    kind: 'sqlite',
    db: new Kysely<Tables>({ dialect: new SqliteDialect({ database: adaptToKysely(raw, statements) }) }),
    get inTransaction() {
      return raw.isTransaction
    },
    all: async (sql, parameters = []) => readRows(statements.get(sql), parameters),
    run: async (sql, parameters = []) => void statements.get(sql).run(...bindAll(parameters)),
    transaction: (work) => runTransaction(raw, work),
    changes: () => Number(statements.get('select total_changes() as count').get()?.['count']),
    persist: () => log.sync(),
    sizes: async () => ({
      bytes: Number(raw.prepare('pragma page_count').get()?.['page_count']) * 4096,
      freeBytes: Number(raw.prepare('pragma freelist_count').get()?.['freelist_count']) * 4096,
      logBytes: statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    }),
    relieve: () => raw.exec('pragma wal_checkpoint(truncate)'),
    close: () => {
      log.close()
      raw.close()
    },
  }
}

/** SQLite's log as a file of ours: a sync of one descriptor covers what was written through every other one. */
class WriteAheadLog {
  readonly #path: string
  #descriptor: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** A database in memory has no such file, nor has one that was never written. */
  async sync(): Promise<void> {
    if (this.#descriptor === undefined && !existsSync(this.#path)) return
    const descriptor = (this.#descriptor ??= openSync(this.#path, 'r+'))
    await promisify(fdatasync)(descriptor)
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}

async function runTransaction<Result>(raw: DatabaseSync, work: () => Promise<Result>): Promise<Result> {
  raw.exec('begin immediate')
  try {
    const result = await work()
    raw.exec('commit')
    return result
  } catch (error) {
    // A full disk may have rolled it back already.
    if (raw.isTransaction) raw.exec('rollback')
    throw error
  }
}

function readRows(statement: StatementSync, parameters: readonly unknown[]): SqlRow[] {
  return statement.all(...bindAll(parameters)) as SqlRow[] // bigints are off, so a row has these types only
}

/** The part of better-sqlite3 that Kysely's dialect asks for. */
function adaptToKysely(raw: DatabaseSync, statements: StatementCache) {
  return {
    close: () => raw.close(),
    prepare: (sql: string) => {
      const statement = statements.get(sql)
      return {
        reader: statements.returnsRows(statement),
        all: (parameters: readonly unknown[]) => readRows(statement, parameters),
        run: (parameters: readonly unknown[]) => statement.run(...bindAll(parameters)),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...bindAll(parameters)),
      }
    },
  }
}

function bindAll(parameters: readonly unknown[]): SqlValue[] {
  return parameters.map(bindValue)
}

/** SQLite would turn a Date or an object silently into NULL; here it throws. */
function bindValue(value: unknown): SqlValue {
  if (value === null || typeof value === 'number') return value
  if (typeof value === 'string') return toStorableText(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint8Array) return value
  throw new TypeError(
    `A ${value === undefined ? 'missing value' : Object.prototype.toString.call(value)} cannot be bound to a statement.`,
  )
}

class StatementCache {
  readonly #raw: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #readers = new WeakMap<StatementSync, boolean>()

  constructor(raw: DatabaseSync) {
    this.#raw = raw
  }

  get(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (!known) return this.#prepare(sql)
    // Order matters only near the limit; moving an entry costs more than finding it.
    if (this.#statements.size > statementsMax / 2) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
    }
    return known
  }

  /** Asked at each use, so it is remembered: to count the columns takes longer than many a statement. */
  returnsRows(statement: StatementSync): boolean {
    const known = this.#readers.get(statement)
    if (known !== undefined) return known
    const isReader = statement.columns().length > 0
    this.#readers.set(statement, isReader)
    return isReader
  }

  #prepare(sql: string): StatementSync {
    const made = this.#raw.prepare(sql)
    this.#statements.set(sql, made)
    if (this.#statements.size > statementsMax) this.#dropOldest()
    return made
  }

  #dropOldest(): void {
    for (const sql of this.#statements.keys()) {
      this.#statements.delete(sql)
      return
    }
  }
}
