/**
 * PostgreSQL as the storage's database: one connection for everything, Kysely on it, and the lease that makes this server
 * its only writer (owner-lease.ts). A commit is durable when it returns, so there is nothing to `persist`.
 *
 *   open ── connection lost ──▶ away ── connected, epoch still ours ──▶ back ── resume ──▶ open
 */
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { PilothouseError } from '@pilothouse/contract'
import { PostgresConnection, type SqlRow, type SqlValue } from '@pilothouse/series'
import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type QueryResult,
} from 'kysely'
import {
  beatEveryMs,
  checkOwnership,
  describeReplaced,
  endLostSession,
  giveSign,
  guardCommit,
  isReplaced,
  releaseOwnership,
  ReplacedError,
  takeOwnership,
  tryLock,
} from './owner-lease.ts'
import type { DatabaseSizes, StorageDatabase } from './storage-database.ts'
import type { Tables } from './tables.ts'

/** A statement without an answer for so long means that the way to the database is cut. */
const answerMsMax = 15_000
/** Pauses between attempts to connect anew. */
const retryMs = { first: 100, longest: 5_000 }

export type PostgresDatabaseOptions = {
  url: string
  pid: number
  /** Makes the tables or brings them up to date. */
  migrate(database: StorageDatabase): Promise<unknown>
  onLost(error: PilothouseError): void
  /** The connection is back and waits for `resume`. */
  onBack(): void
  /** Another server has the database: nothing can be stored any more. */
  onReplaced(error: Error): void
}

/**
 * Connects, takes the database for this server and brings its tables up to date.
 * @throws PilothouseError `unavailable` when it does not answer, is in use, or is newer than this program.
 */
export async function openPostgres(options: PostgresDatabaseOptions): Promise<StorageDatabase> {
  const database = new PostgresDatabase(options)
  await database.open()
  return database
}

class PostgresDatabase implements StorageDatabase {
  readonly kind = 'postgres'
  readonly db: Kysely<Tables>
  readonly upkeep = { everyMs: beatEveryMs, run: () => this.#giveSign() }
  readonly connection = {
    isOpen: () => this.#state === 'open',
    resume: () => this.#move('back', 'open'),
    suspend: () => this.#move('open', 'back'),
  }
  readonly #options: PostgresDatabaseOptions
  #state: 'opening' | 'open' | 'away' | 'back' | 'closed' = 'opening'
  #current: PostgresConnection | undefined
  #epoch: number | undefined
  /** False where the session before has not ended yet as PostgreSQL sees it. */
  #hasLock = true
  /** Sessions of ours that PostgreSQL may not yet know to have lost their connection. */
  readonly #lostSessions = new Set<number>()

  constructor(options: PostgresDatabaseOptions) {
    this.#options = options
    this.db = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => makeDriver(this),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    })
  }

  get inTransaction(): boolean {
    return this.#current?.inTransaction ?? false
  }

  async open(): Promise<void> {
    const connection = (this.#current = await this.#connect())
    try {
      const self = { host: hostname(), pid: this.#options.pid }
      this.#epoch = await takeOwnership(connection, self)
      await this.#options.migrate(this)
      this.#epoch ??= await takeOwnership(connection, self)
      // Not before: a migration may take its time.
      connection.boundAnswers(answerMsMax)
      this.#state = 'open'
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  all(sql: string, parameters: readonly SqlValue[] = []): Promise<SqlRow[]> {
    return this.#guard((connection) => connection.all(sql, parameters))
  }

  run(sql: string, parameters: readonly SqlValue[] = []): Promise<void> {
    return this.#guard((connection) => connection.run(sql, parameters))
  }

  transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#guard((connection) => connection.transaction(work))
  }

  /** A statement of Kysely's; one that writes outside a transaction gets one, so that its commit is guarded, too. */
  query(text: string, parameters: readonly unknown[]): Promise<{ rows: SqlRow[]; rowCount: number | null }> {
    return this.#guard((connection) => {
      const work = () => connection.query(text, undefined, parameters)
      return connection.inTransaction || /^\s*select\b/i.test(text) ? work() : connection.transaction(work)
    })
  }

  changes(): number {
    return 0
  }

  persist(): Promise<void> {
    return Promise.resolve()
  }

  async sizes(): Promise<DatabaseSizes> {
    const [row] = await this.all('select pg_database_size(current_database()) as bytes')
    return { bytes: Number(row?.['bytes'] ?? 0), freeBytes: null, logBytes: null }
  }

  relieve(): void {
    // PostgreSQL gives its own space back.
  }

  async close(): Promise<void> {
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    const connection = this.#current
    if (wasOpen && connection && this.#epoch !== undefined) {
      await releaseOwnership(connection, this.#epoch).catch(() => undefined) // the next server waits for the lease then
    }
    await connection?.close()
  }

  #connect(): Promise<PostgresConnection> {
    return PostgresConnection.open({
      url: this.#options.url,
      beforeCommit: () => (this.#epoch === undefined ? undefined : guardCommit(this.#epoch)),
      onLost: (error) => this.#lose(error),
    })
  }

  async #guard<Result>(work: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    const usable = this.#state === 'open' || this.#state === 'opening'
    if (!usable || !this.#current) throw refuseAway()
    try {
      return await work(this.#current)
    } catch (error) {
      if (!isReplaced(error)) throw error
      const replaced = await describeReplaced(this.#current)
      this.#stop(replaced)
      throw replaced
    }
  }

  async #giveSign(): Promise<void> {
    const epoch = this.#epoch
    if (epoch === undefined) return
    await this.#guard((connection) => giveSign(connection, epoch))
    if (!this.#hasLock) this.#hasLock = await this.#guard(tryLock)
  }

  #move(from: 'open' | 'back', to: 'open' | 'back'): void {
    if (this.#state === from) this.#state = to
  }

  #lose(error: PilothouseError): void {
    if (this.#state !== 'open' && this.#state !== 'back') return
    if (this.#current?.backend !== undefined) this.#lostSessions.add(this.#current.backend)
    this.#state = 'away'
    this.#options.onLost(error)
    void this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    for (let pauseMs = retryMs.first; this.#state === 'away'; pauseMs = Math.min(pauseMs * 2, retryMs.longest)) {
      await wait(pauseMs)
      const connection = await this.#tryConnect()
      if (!connection) continue
      if (this.#state !== 'away') return connection.destroy()
      this.#current = connection
      this.#state = 'back'
      this.#options.onBack()
    }
  }

  async #tryConnect(): Promise<PostgresConnection | undefined> {
    let connection: PostgresConnection | undefined
    try {
      connection = await this.#connect()
      connection.boundAnswers(answerMsMax)
      await checkOwnership(connection, this.#epoch ?? 0)
      await this.#endLostSessions(connection)
      this.#hasLock = await tryLock(connection)
      return connection
    } catch (error) {
      if (connection?.backend !== undefined) this.#lostSessions.add(connection.backend)
      connection?.destroy()
      if (error instanceof ReplacedError) this.#stop(error)
      return undefined // tried again: the database may still be starting
    }
  }

  /** Before anything is read anew: until then a session that was lost may still commit what it had received. */
  async #endLostSessions(connection: PostgresConnection): Promise<void> {
    for (const backend of this.#lostSessions) {
      await endLostSession(connection, backend)
      this.#lostSessions.delete(backend)
    }
  }

  #stop(error: Error): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#current?.destroy()
    this.#options.onReplaced(error)
  }
}

function refuseAway(): PilothouseError {
  return new PilothouseError('unavailable', 'The database does not answer at the moment.', {
    hint: 'Send it again in a moment: the server connects anew by itself.',
  })
}

/** What Kysely runs its statements with; transactions are the storage's own. */
function makeDriver(database: PostgresDatabase): Driver {
  const connection: DatabaseConnection = {
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => {
      const { rows, rowCount } = await database.query(sql, parameters)
      const typed = rows as Row[] // as the table's type has them
      return { rows: typed, numAffectedRows: BigInt(rowCount ?? 0) }
    },
    streamQuery: () => {
      throw new Error('Rows are read whole.')
    },
  }
  const refuse = () => Promise.reject(new Error('Transactions are opened by the storage.'))
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  }
}
