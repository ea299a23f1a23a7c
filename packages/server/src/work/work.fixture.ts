/** Batches in progress, and a room that works on them, for tests. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SqlValue } from '@pilothouse/series'
import { type BatchStatus, type LeaseAsk, PilothouseError, type WorkResult, type WorkShard } from '@pilothouse/contract'
import { indexLines, orderRequests, writeIndex } from '@pilothouse/dispatch'
import type { Kysely } from 'kysely'
import { pino } from 'pino'
import { batchPaths } from '../batches/batch-folder.ts'
import { Files } from '../files/files.ts'
import { type OperationInput, type OperationName, type OperationOutput, operations } from '../storage/operations.ts'
import type { Operation } from '../storage/operation.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { Tables } from '../storage/tables.ts'
import { type TestContext, openTestContext } from '../storage/test-context.ts'
import { writeBits } from './bitmap.ts'
import { Work, type WorkParts } from './work.ts'

export const endpoint = '/v1/chat/completions'

export type BatchDraft = {
  requests: number
  shardSize?: number
  ownerId?: number
  model?: string
  isModelReplaced?: boolean
  isOrdered?: boolean
  priority?: number
  status?: BatchStatus
  createdMs?: number
  expiresMs?: number
  /** Sent in the order of the input unless this says otherwise. */
  maxTokens?: (at: number) => number
}

type Insert = (table: string, row: Record<string, SqlValue>) => Promise<void>

/** Makes a batch as the room `batches` leaves it when its input is checked; returns its id. */
export async function makeBatch(dataFolder: string, insert: Insert, draft: BatchDraft): Promise<string> {
  const { requests, shardSize = 4, model = 'stub', createdMs = Date.now() } = draft
  const id = `batch_${createdMs.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`
  await writeFolder(dataFolder, id, { ...draft, model })
  const file = () => `file-${createdMs.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`
  await insert('batch', {
    id,
    owner_id: draft.ownerId ?? 1,
    name: 'requests.jsonl',
    input_file_id: file(),
    output_file_id: file(),
    error_file_id: file(),
    endpoint,
    model,
    is_model_replaced: draft.isModelReplaced ? 1 : 0,
    is_ordered: draft.isOrdered ? 1 : 0,
    priority: draft.priority ?? 0,
    completion_window: '24h',
    status: draft.status ?? 'in_progress',
    total: requests,
    completed: 0,
    failed: 0,
    input_tokens: 0,
    cached_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    output_bytes: 0,
    error_bytes: 0,
    served_ms: 0,
    point_every_ms: 1_000,
    created_ms: createdMs,
    expires_ms: draft.expiresMs ?? createdMs + 86_400_000,
    in_progress_ms: createdMs,
  })
  for (let first = 0; first < requests; first += shardSize) {
    const count = Math.min(shardSize, requests - first)
    const done = writeBits(new Uint8Array(Math.ceil(count / 8)))
    const shard = {
      batch_id: id,
      shard: first / shardSize,
      first,
      count,
      done,
      is_done: 0,
      epoch: 0,
      lease_until_ms: 0,
    }
    await insert('batch_shard', shard)
  }
  return id
}

async function writeFolder(
  dataFolder: string,
  id: string,
  { requests, model, maxTokens = () => 1 }: BatchDraft & { model: string },
): Promise<void> {
  const paths = batchPaths(dataFolder, id)
  mkdirSync(paths.folder, { recursive: true })
  const lines = Array.from({ length: requests }, (_, at) => {
    const messages = [{ role: 'user', content: `${id} ${at}` }]
    const body = { model, messages, max_tokens: maxTokens(at) }
    return JSON.stringify({ custom_id: `r${at}`, method: 'POST', url: endpoint, body })
  })
  writeFileSync(paths.input, `${lines.join('\n')}\n`)
  const found = await indexLines(paths.input, { endpoint, requestsMax: requests })
  if (found.kind !== 'indexed') throw new Error('The input of a test has faults.')
  await writeIndex(paths.index, found.index)
  const rows = await found.index.readRange(0, requests)
  const order = orderRequests({ maxTokens: rows.map((row) => row.maxTokens), prefix: rows.map(() => 0) })
  const bytes = Buffer.alloc(order.length * 4)
  for (const [n, at] of order.entries()) bytes.writeUInt32LE(at, n * 4)
  writeFileSync(paths.order, bytes)
}

/** A row as SQL that both stores take. */
export function insertSql(table: string, row: Record<string, SqlValue>): [string, SqlValue[]] {
  const names = Object.keys(row)
  const places = names.map(() => '?').join(', ')
  return [`insert into ${table} (${names.join(', ')}) values (${places})`, Object.values(row)]
}

export type Line = {
  id: string
  custom_id: string
  response: { status_code: number; body: unknown } | null
  error: { code: string } | null
}

export function parseLines(text: string): Line[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('The last line is not whole.')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line) // as result-line.ts writes it
}

/** A room over a database in this thread: what it calls can be made to fail, its clock set, and it can be left as a kill does. */
export class WorkRoom {
  readonly folder: string
  readonly #test: TestContext
  nowMs = 1_700_000_000_000
  /** Runs before each operation; what it throws, that operation throws. */
  before: (name: OperationName) => void = () => undefined
  /** Runs after each operation has been committed. */
  after: (name: OperationName) => void = () => undefined
  files: Files
  work: Work
  #parts: Partial<WorkParts> = {}
  #turn: Promise<unknown> = Promise.resolve()
  #life = 0
  call: StorageClient['call']

  private constructor(folder: string, test: TestContext) {
    this.folder = folder
    this.#test = test
    this.call = this.#openCall()
    this.files = this.#openFiles()
    this.work = this.#openWork()
  }

  static async open(): Promise<WorkRoom> {
    const holder: { room?: WorkRoom } = {}
    const test = await openTestContext(() => holder.room?.nowMs ?? 0)
    return (holder.room = new WorkRoom(mkdtempSync(join(tmpdir(), 'pilothouse-work-')), test))
  }

  async close(): Promise<void> {
    await this.work.close()
    await this.files.close()
    await this.#test.close()
    rmSync(this.folder, { recursive: true })
  }

  /** A new room on the same data; the old one is left as it is, as after a kill. */
  restart(parts: Partial<WorkParts> = {}): void {
    this.before = () => undefined
    this.after = () => undefined
    this.#parts = parts
    this.call = this.#openCall()
    this.files = this.#openFiles()
    this.files.start()
    this.work = this.#openWork()
    this.work.start()
  }

  make(draft: BatchDraft): Promise<string> {
    const insert: Insert = (table, row) =>
      this.#inTurn(() => this.#test.context.sql.transaction(() => this.#test.context.sql.run(...insertSql(table, row))))
    return makeBatch(this.folder, insert, { createdMs: this.nowMs, ...draft })
  }

  async lease(worker: string, ask: Partial<LeaseAsk> = {}): Promise<WorkShard> {
    const { shard } = await this.work.lease({ worker, model: null, ...ask }, new AbortController().signal)
    if (!shard) throw new Error('There was nothing to lease.')
    return shard
  }

  async deliver(worker: string, { batchId, shard, epoch, requests }: WorkShard, make = answerOf): Promise<boolean> {
    const results = requests.map(({ at }) => make(at))
    return (await this.work.deliver({ worker, batchId, shard, epoch, results })).isLost
  }

  async batch(id: string) {
    return this.ask((db) => db.selectFrom('batch').selectAll().where('id', '=', id).executeTakeFirstOrThrow())
  }

  async setStatus(id: string, status: BatchStatus): Promise<void> {
    await this.ask((db) => db.updateTable('batch').set({ status }).where('id', '=', id).execute())
  }

  /** Asks the database itself, between two operations. */
  ask<Answer>(question: (db: Kysely<Tables>) => Promise<Answer>): Promise<Answer> {
    const { sql, db } = this.#test.context
    return this.#inTurn(() => sql.transaction(() => question(db)))
  }

  /** Lines of the files of a batch that has ended. */
  async results(id: string): Promise<{ output: Line[]; error: Line[] }> {
    const row = await this.batch(id)
    const read = async (fileId: string): Promise<Line[]> =>
      (await this.files.find(fileId)) ? parseLines(readFileSync(this.files.path(fileId), 'utf8')) : []
    return { output: await read(row.output_file_id), error: await read(row.error_file_id) }
  }

  /** Calls of one life of the room: after the next start they all fail. */
  #openCall(): StorageClient['call'] {
    const life = (this.#life += 1)
    return (name, input) => {
      const run = async () => {
        if (life !== this.#life) throw killed()
        this.before(name)
        const answer = await this.#run(name, input)
        this.after(name)
        return answer
      }
      return this.#inTurn(run)
    }
  }

  #inTurn<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#turn.then(run)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #openFiles(): Files {
    const { folder: dataFolder, call } = this
    return new Files({ dataFolder, storage: { call }, now: () => this.nowMs, logger: silent })
  }

  #openWork(): Work {
    const { folder: dataFolder, call, files } = this
    const engines = { listUsable: () => [] }
    return new Work({
      dataFolder,
      storage: { call },
      files,
      engines,
      logger: silent,
      now: () => this.nowMs,
      ...this.#parts,
    })
  }

  async #run<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>> {
    // The operation of this name takes this input.
    const operation = operations[name] as unknown as Operation<OperationInput<Name>, OperationOutput<Name>>
    return this.#test.context.sql.transaction(() => operation(this.#test.context, input))
  }
}

export function answerOf(at: number): WorkResult {
  const usage = { inputTokens: 3, cachedTokens: 1, outputTokens: 2, reasoningTokens: 0 }
  const outcome = { kind: 'answered', status: 200, requestId: null, body: `{"at":${at}}`, usage } as const
  return { at, outcome, attempts: 1, tookMs: 5, engineId: 1 }
}

export function failureOf(at: number): WorkResult {
  const outcome = {
    kind: 'failed',
    code: 'refused',
    message: 'No.',
    status: 400,
    requestId: null,
    body: '{"no":1}',
  } as const
  return { at, outcome, attempts: 1, tookMs: 5, engineId: 1 }
}

/** What a kill at this point comes to for whoever waits. */
export function killed(): PilothouseError {
  return new PilothouseError('unavailable', 'The server was killed.')
}

const silent = pino({ level: 'silent' })
