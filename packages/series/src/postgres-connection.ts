/**
 * One connection to PostgreSQL as the store asks for it. Statements of a transaction are sent as they come, without
 * waiting for one another: `run` resolves at once, and what it failed with comes out of the next `all`, or of the commit,
 * which is sent behind everything else. So a transaction of fifty writes costs one journey to the database and back.
 *
 *   idle → (begin) → open → (commit | rollback) → idle          any → lost, for good
 */
import { PilothouseError } from '@pilothouse/contract'
import { Client, type QueryResult } from 'pg'
import { bindValue, getParser, numberPlaceholders } from './postgres-values.ts'
import type { SeriesDatabase, SqlRow, SqlValue } from './types.ts'

/** Statements kept prepared in the session; what comes beyond is parsed each time. */
const preparedMax = 400
/** Bytes of parameters on their way; beyond, `run` waits until they have been taken. */
const flightBytesMax = 4 * 1024 * 1024

export type Statement = { sql: string; parameters: readonly SqlValue[] }

export type PostgresOptions = {
  /** `postgres://user:password@host:port/database`; what is missing is taken from `PGUSER`, `PGPASSWORD`, `~/.pgpass` and so on. */
  url: string
  /** A statement that has no answer for so long means that the connection is lost. Absent: none is bounded. */
  answerMsMax?: number
  /** Runs within every transaction that writes, last before its commit; when it fails, nothing of it is kept. */
  beforeCommit?: () => Statement | undefined
  /** The connection is gone, and with it whatever was not committed. Told once. */
  onLost?: (error: PilothouseError) => void
}

const connectMsMax = 10_000

export class PostgresConnection implements SeriesDatabase {
  readonly kind = 'postgres'
  readonly #client: Client
  readonly #options: PostgresOptions
  #answerMsMax: number | undefined
  readonly #names = new Map<string, { text: string; name: string }>()
  #state: 'idle' | 'open' | 'lost' = 'idle'
  #lost: PilothouseError | undefined
  #closing = false
  /** What the first statement of the open transaction failed with; the others only repeat that it has. */
  #failure: Error | undefined
  #wrote = false
  #flightBytes = 0

  /**
   * @throws PilothouseError `unavailable` when nobody answers there, or refuses.
   */
  static async open(options: PostgresOptions): Promise<PostgresConnection> {
    const connection = new PostgresConnection(options)
    await connection.#connect()
    return connection
  }

  private constructor(options: PostgresOptions) {
    this.#options = options
    this.#answerMsMax = options.answerMsMax
    this.#client = new Client(makeConfig(options))
    this.#client.on('error', (cause) => this.#lose(cause))
    this.#client.on('end', () => this.#lose(new Error('the connection was closed')))
  }

  /** From now on a statement that has no answer for so long means that the connection is lost. */
  boundAnswers(answerMsMax: number): void {
    this.#answerMsMax = answerMsMax
  }

  /** The number of its session on the other side; stays when it is lost. */
  get backend(): number | undefined {
    return 'processID' in this.#client && typeof this.#client.processID === 'number'
      ? this.#client.processID
      : undefined
  }

  get inTransaction(): boolean {
    return this.#state === 'open'
  }

  all(sql: string, parameters: readonly SqlValue[] = []): Promise<SqlRow[]> {
    return this.query(...this.#prepare(sql), parameters).then(({ rows }) => rows)
  }

  async run(sql: string, parameters: readonly SqlValue[] = []): Promise<void> {
    if (this.#state !== 'open') return this.transaction(() => this.run(sql, parameters))
    this.#wrote = true
    const bytes = measureBytes(parameters)
    this.#flightBytes += bytes
    const sent = this.query(...this.#prepare(sql), parameters)
      .catch(() => undefined) // kept in #failure
      .finally(() => (this.#flightBytes -= bytes))
    if (this.#flightBytes > flightBytesMax) await sent
  }

  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#state === 'open') throw new Error('A transaction is open already.')
    if (this.#state === 'lost') throw this.#explainLoss()
    this.#state = 'open'
    this.#failure = undefined
    this.#wrote = false
    this.#sendWord('begin')
    let result: Result
    try {
      result = await work()
    } catch (error) {
      await this.#rollBack()
      throw this.#failure ?? error
    }
    await this.#commit()
    return result
  }

  /** A statement as PostgreSQL reads it; with a name it is parsed once in the session. */
  async query(text: string, name: string | undefined, parameters: readonly unknown[]): Promise<QueryResult<SqlRow>> {
    if (this.#state === 'lost') throw this.#explainLoss()
    const isOpen = this.#state === 'open'
    try {
      const result = await this.#send(text, name, parameters)
      if (result.command !== 'SELECT') this.#wrote = true
      return result
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      if (isOpen) this.#failure ??= error
      throw isOpen ? (this.#failure ?? error) : error
    }
  }

  /** Ends the session; a transaction under way is rolled back. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#state !== 'lost') await this.#client.end()
    this.#state = 'lost'
  }

  /** Ends it without a word to the other side. */
  destroy(): void {
    this.#closing = true
    this.#state = 'lost'
    this.#client.connection.stream.destroy()
  }

  async #connect(): Promise<void> {
    try {
      await this.#client.connect()
    } catch (cause) {
      this.destroy()
      throw explainRefusal(cause)
    }
  }

  #prepare(sql: string): [text: string, name: string | undefined] {
    const known = this.#names.get(sql)
    if (known) return [known.text, known.name]
    const text = numberPlaceholders(sql)
    if (this.#names.size >= preparedMax) return [text, undefined]
    const name = `s${this.#names.size}`
    this.#names.set(sql, { text, name })
    return [text, name]
  }

  async #send(text: string, name: string | undefined, parameters: readonly unknown[]): Promise<QueryResult<SqlRow>> {
    const values = parameters.map(bindValue)
    const named = name === undefined ? {} : { name }
    const sent = this.#client.query<SqlRow>({ text, values, ...named, ...boundAnswer(this.#answerMsMax) })
    return sent.catch((cause: unknown) => {
      throw this.#explain(cause)
    })
  }

  /** `begin` and `commit`, parsed once; nobody waits for the answer. */
  #sendWord(word: string): void {
    void this.query(word, word, []).catch(() => undefined) // kept in #failure
  }

  async #commit(): Promise<void> {
    if (this.#failure !== undefined) await this.#rollBack()
    else if (!this.#wrote) this.#endReading()
    else await this.#commitWrites()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Nobody needs to know how a transaction ended that only read. */
  #endReading(): void {
    this.#state = 'idle'
    this.#sendWord('commit')
  }

  async #commitWrites(): Promise<void> {
    const last = this.#options.beforeCommit?.()
    if (last) void this.query(...this.#prepare(last.sql), last.parameters).catch(() => undefined) // kept in #failure
    try {
      const { command } = await this.query('commit', 'commit', [])
      // A transaction in which something failed answers a commit so.
      if (command !== 'COMMIT') this.#failure ??= new Error('PostgreSQL rolled the transaction back.')
    } catch {
      // Kept in #failure. Whether it was committed is unknown when the connection was lost.
    }
    this.#settle()
  }

  async #rollBack(): Promise<void> {
    const failure = this.#failure
    await this.query('rollback', 'rollback', []).catch(() => undefined) // a lost connection has rolled back
    this.#failure = failure
    this.#settle()
  }

  #settle(): void {
    if (this.#state === 'open') this.#state = 'idle'
  }

  #lose(cause: unknown): void {
    if (this.#state === 'lost') return
    this.#state = 'lost'
    this.#client.connection.stream.destroy()
    this.#lost = this.#explainLoss(cause)
    if (!this.#closing) this.#options.onLost?.(this.#lost)
  }

  #explain(cause: unknown): Error {
    if (cause instanceof PilothouseError) return cause
    if (!(cause instanceof Error)) return new Error(String(cause))
    const code = readCode(cause)
    // Only PostgreSQL's own refusals of a statement leave the connection as it was.
    if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P)/.test(code)) return cause
    this.#lose(cause)
    return this.#explainLoss(cause)
  }

  #explainLoss(cause?: unknown): PilothouseError {
    return (
      this.#lost ??
      new PilothouseError('unavailable', 'The connection to the database was lost.', {
        cause,
        hint: 'Send it again in a moment: the server connects anew by itself.',
      })
    )
  }
}

/** Known to `pg`, though not to its types. */
function boundAnswer(answerMsMax: number | undefined): object {
  return answerMsMax === undefined ? {} : { query_timeout: answerMsMax }
}

function makeConfig({ url }: PostgresOptions) {
  return {
    connectionString: url,
    application_name: 'pilothouse',
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: connectMsMax,
    types: { getTypeParser: getParser },
  }
}

function measureBytes(parameters: readonly SqlValue[]): number {
  let bytes = 100
  for (const value of parameters) if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length
  return bytes
}

function readCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Why a connection could not be made; the password stands nowhere in it. */
function explainRefusal(cause: unknown): PilothouseError {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const code = readCode(error)
  if (code?.startsWith('28') || error.message.includes('password must be a string')) {
    return new PilothouseError('unavailable', `PostgreSQL wants a password, or another one: ${error.message}.`, {
      cause,
      hint: 'Give the password in PGPASSWORD, or in ~/.pgpass (or the file that PGPASSFILE names), which only you may read: chmod 600.',
    })
  }
  if (code === '3D000') {
    return new PilothouseError('unavailable', `PostgreSQL has no such database: ${error.message}.`, {
      cause,
      hint: 'Make it with «createdb», owned by the user that is to use it.',
    })
  }
  return new PilothouseError('unavailable', `PostgreSQL does not answer (${code ?? error.message}).`, {
    cause,
    hint: 'See that it runs, and that host and port are right.',
  })
}
