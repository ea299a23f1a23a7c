/**
 * Batches from their creation to the first request that can be sent, and all that is told of them. From then on the room `work`
 * has them.
 */
import { randomBytes } from 'node:crypto'
import { PilothouseError } from '@pilothouse/contract'
import type { Logger } from 'pino'
import type { Engines } from '../engines/engines.ts'
import type { Files } from '../files/files.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { Work } from '../work/work.ts'
import type { BatchReader, BatchRow } from './batch-rows.ts'
import { batchPaths } from './batch-folder.ts'
import { listBatchFolders, makeBatchFolder, removeBatchFolder } from './batch-store.ts'
import type { CheckResult } from './check-input.ts'
import { GpuLook } from './gpu-look.ts'
import type { BatchBounds } from './intake-operations.ts'
import { judgeAdmission } from './judge-admission.ts'
import { type BatchOrder, isSameOrder, makeBatchRow } from './make-batch-row.ts'
import { readFirstModel } from './read-first-model.ts'
import { runCheck } from './run-check.ts'
import { Validator } from './validator.ts'

/** Folders that are compared with the storage at a time. */
const sliceMax = 500
/** Inputs without a batch that are checked at a time. */
const checksMax = 4

type Parts = {
  dataFolder: string
  /** Requests of one batch. */
  requestsMax: number
  bounds: BatchBounds
  storage: Pick<StorageClient, 'call'>
  files: Pick<Files, 'makeId' | 'path'>
  engines: Pick<Engines, 'list' | 'check'>
  work: Pick<Work, 'ring' | 'settle'>
  /** A batch has ended without that anything of it was sent. */
  onEnded: () => void
  now: () => number
  logger: Pick<Logger, 'error'>
}

export class Batches {
  /** GPUs of this machine. */
  readonly gpus = new GpuLook()
  readonly #parts: Parts
  readonly #validator: Validator
  /** Ids that no row names yet, though their folders are in use. */
  readonly #making = new Set<string>()
  #lastMs = 0
  #checks = 0
  readonly #closing = new AbortController()
  #started: Promise<void> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#validator = new Validator({ ...parts, onReady: () => parts.work.ring() })
  }

  /** Goes on with inputs that are not checked yet, and removes what a kill has left. */
  start(): void {
    this.#started = this.#resume().catch((error: unknown) => this.#complain(error))
  }

  /** Ends checks that are under way; they are done anew at the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new PilothouseError('unavailable', 'The server is stopping.'))
    await this.#started
    await this.#validator.close()
  }

  /**
   * Keeps a batch over a file; its input is checked afterwards. The answer to a repeated key is the batch of the first time.
   * @throws PilothouseError `unavailable` or `rateLimited` when it is not taken now, `notFound` when the file is gone,
   * `conflict` for a key of another call.
   */
  async create(order: BatchOrder): Promise<BatchRow> {
    const known = await this.findRepeated(order)
    if (known) return known
    await this.checkAdmission(order)
    const id = this.#makeId()
    this.#making.add(id)
    try {
      const row = await this.#insert(id, order)
      if (row.id !== id) return checkSame(row, order)
      this.#validator.add(id)
      return row
    } finally {
      this.#making.delete(id)
    }
  }

  /**
   * The batch that the same member has made with the same key; null without one.
   * @throws PilothouseError `conflict` when it was made by another call.
   */
  async findRepeated(order: BatchOrder): Promise<BatchRow | null> {
    if (order.idempotencyKey === null) return null
    const key = { ownerId: order.ownerId, key: order.idempotencyKey }
    const row = await this.#parts.storage.call('batches.find-keyed', key)
    return row && checkSame(row, order)
  }

  /** @throws PilothouseError as `create`. */
  async checkAdmission({ ownerId, file, model }: Pick<BatchOrder, 'ownerId' | 'file' | 'model'>): Promise<void> {
    const wanted = model ?? (await this.#readModel(file.id))
    const refusal = wanted === null ? null : await this.#judge(wanted)
    if (refusal) throw refusal
    await this.#parts.storage.call('batches.admit', { ownerId, bounds: this.#parts.bounds })
  }

  /** null: there is none, or none for `reader`. Without a reader for the server itself. */
  find(id: string, reader?: BatchReader): Promise<BatchRow | null> {
    return this.#parts.storage.call('batches.find', { id, ...(reader ? { reader } : {}) })
  }

  /**
   * Asks for the end of a batch; null: there is none for `reader`.
   * @throws PilothouseError `conflict` for one that is over.
   */
  async cancel(id: string, { reader, byName }: { reader: BatchReader; byName: string }): Promise<BatchRow | null> {
    const row = await this.#parts.storage.call('batches.cancel', { id, reader, byName, nowMs: this.#parts.now() })
    if (row?.status === 'cancelled') {
      this.#parts.onEnded()
      await this.#validator.stop(id)
      await removeBatchFolder(this.#parts.dataFolder, id)
    }
    // Each request gets its line: whoever cancels does not wait for that.
    if (row?.status === 'cancelling') this.#parts.work.settle(id).catch((error: unknown) => this.#complain(error))
    return row
  }

  /**
   * Checks an input over which there is no batch.
   * @throws PilothouseError `rateLimited` when too many are under way; else what the file system throws.
   */
  async check({
    fileId,
    endpoint,
    model,
  }: {
    fileId: string
    endpoint: string
    model: string | null
  }): Promise<CheckResult> {
    if (this.#checks >= checksMax)
      throw new PilothouseError('rateLimited', `${this.#checks} inputs are being checked.`, {
        expected: '5 s of patience',
      })
    const { files, requestsMax } = this.#parts
    const bounds = { requestsMax, bytesMax: Number.MAX_SAFE_INTEGER }
    const task = { inputPath: files.path(fileId), write: null, endpoint, model, ...bounds }
    this.#checks += 1
    try {
      return await runCheck(task, this.#closing.signal)
    } finally {
      this.#checks -= 1
    }
  }

  /** Where the input of a batch and its parts lie. */
  paths(id: string): ReturnType<typeof batchPaths> {
    return batchPaths(this.#parts.dataFolder, id)
  }

  async #insert(id: string, order: BatchOrder): Promise<BatchRow> {
    const { storage, files, bounds, dataFolder, now } = this.#parts
    await makeBatchFolder(dataFolder, id, files.path(order.file.id))
    try {
      const row = makeBatchRow(order, { id, outputFileId: files.makeId(), errorFileId: files.makeId() }, now())
      const kept = await storage.call('batches.insert', { row, bounds, notes: writeNotes(order) })
      if (kept.id !== id) await removeBatchFolder(dataFolder, id)
      return kept
    } catch (error) {
      await removeBatchFolder(dataFolder, id)
      throw error
    }
  }

  /** As those of files: ids of one process follow each other. */
  #makeId(): string {
    this.#lastMs = Math.max(this.#parts.now(), this.#lastMs + 1)
    return `batch_${this.#lastMs.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`
  }

  async #readModel(fileId: string): Promise<string | null> {
    // A file that is gone meanwhile is told of where it is taken.
    return readFirstModel(this.#parts.files.path(fileId)).catch(() => null)
  }

  /** Engines that were not looked at yet, as after a start, are looked at first. */
  async #judge(model: string): Promise<PilothouseError | null> {
    const { engines } = this.#parts
    const all = await engines.list()
    const fresh = all.filter(({ models, health }) => health.state === 'unknown' && models.includes(model))
    if (fresh.length === 0 || judgeAdmission(all, model) === null) return judgeAdmission(all, model)
    await Promise.all(fresh.map(({ id }) => engines.check(id)))
    return judgeAdmission(await engines.list(), model)
  }

  async #resume(): Promise<void> {
    const { storage, dataFolder } = this.#parts
    for (const id of await storage.call('batches.validating', null)) this.#validator.add(id)
    const found = (await listBatchFolders(dataFolder)).filter((id) => !this.#making.has(id))
    for (let from = 0; from < found.length && !this.#closing.signal.aborted; from += sliceMax) {
      const ids = found.slice(from, from + sliceMax)
      const known = new Set(await storage.call('batches.known', { ids }))
      for (const id of ids) if (!known.has(id)) await removeBatchFolder(dataFolder, id)
    }
  }

  #complain(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#parts.logger.error({ err: error }, 'work on batches failed')
  }
}

/** Its input apart: of a form, which brings a new file each time, that is compared by who receives it. */
function checkSame(row: BatchRow, order: BatchOrder): BatchRow {
  if (isSameOrder(row, order)) return row
  throw new PilothouseError('conflict', 'Another call has made a batch with this key.', {
    field: 'Idempotency-Key',
    hint: 'Take a new key for a new batch.',
  })
}

function writeNotes({ file, model, endpoint, completionWindow, parentId }: BatchOrder): string[] {
  const parent = parentId === null ? '' : `, to send failed requests of ${parentId} again`
  return [
    `Created over «${file.name}» for ${endpoint}, within ${completionWindow}${parent}.`,
    ...(model === null ? [] : [`Every request asks for «${model}», whatever its line says.`]),
  ]
}
