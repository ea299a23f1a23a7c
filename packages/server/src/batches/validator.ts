/**
 * Checks inputs of batches, a few at a time and the others in line:
 *
 *   validating ──▶ index, order and shards are there ──▶ in_progress
 *       └──▶ failed, with its faults
 *
 * What a kill interrupts is done anew at the next start, and shards of the time before are dropped first.
 */
import type { Logger } from 'pino'
import type { StorageClient } from '../storage/storage-client.ts'
import { isDiskFull } from '../storage/wire-error.ts'
import { batchPaths } from './batch-folder.ts'
import { removeBatchFolder } from './batch-store.ts'
import type { BatchRow } from './batch-rows.ts'
import type { CheckResult } from './check-input.ts'
import { runCheck } from './run-check.ts'

/** Inputs that are checked at a time. */
const checksMax = 2
/** Shards that one operation adds. */
const shardsAtOnce = 2_000

type Parts = {
  dataFolder: string
  requestsMax: number
  storage: Pick<StorageClient, 'call'>
  now: () => number
  logger: Pick<Logger, 'error'>
  /** A batch has something to lease. */
  onReady(): void
  /** A batch has failed. */
  onEnded(): void
}

export class Validator {
  readonly #parts: Parts
  readonly #line: string[] = []
  readonly #running = new Map<string, { stop: AbortController; done: Promise<void> }>()
  #isClosed = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Puts a batch in line. */
  add(id: string): void {
    if (this.#line.includes(id) || this.#running.has(id)) return
    this.#line.push(id)
    this.#next()
  }

  /** Ends the check of a batch, under way or in line. */
  async stop(id: string): Promise<void> {
    const place = this.#line.indexOf(id)
    if (place >= 0) this.#line.splice(place, 1)
    const running = this.#running.get(id)
    running?.stop.abort()
    await running?.done
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#line.length = 0
    await Promise.all([...this.#running.keys()].map((id) => this.stop(id)))
  }

  #next(): void {
    if (this.#isClosed || this.#running.size >= checksMax) return
    const id = this.#line.shift()
    if (id === undefined) return
    const stop = new AbortController()
    const done = this.#validate(id, stop.signal)
      .catch((error: unknown) => this.#giveUp(id, error, stop.signal))
      .finally(() => {
        this.#running.delete(id)
        this.#next()
      })
    this.#running.set(id, { stop, done })
    this.#next()
  }

  async #validate(id: string, signal: AbortSignal): Promise<void> {
    const { storage } = this.#parts
    const row = await storage.call('batches.find', { id })
    if (row?.status !== 'validating') return
    await storage.call('batches.clear-shards', { id })
    const result = await this.#check(row, signal)
    if (result.kind === 'refused') return this.#refuse(id, result)
    for (let from = 0; from < result.shards.length; from += shardsAtOnce) {
      signal.throwIfAborted()
      await storage.call('batches.add-shards', { id, from, shards: result.shards.slice(from, from + shardsAtOnce) })
    }
    const { requests: total, model } = result
    const isBegun = await storage.call('batches.begin', { id, total, model, nowMs: this.#parts.now() })
    if (isBegun) this.#parts.onReady()
  }

  #check({ id, endpoint, model, is_model_replaced: isReplaced }: BatchRow, signal: AbortSignal): Promise<CheckResult> {
    const { dataFolder, requestsMax } = this.#parts
    const { input: inputPath, index, order } = batchPaths(dataFolder, id)
    // Whoever let it be uploaded, or made it, has bounded its bytes.
    const bounds = { requestsMax, bytesMax: Number.MAX_SAFE_INTEGER }
    const write = { index, order }
    return runCheck({ inputPath, write, endpoint, model: isReplaced === 1 ? model : null, ...bounds }, signal)
  }

  async #refuse(id: string, { errors, errorCount }: Extract<CheckResult, { kind: 'refused' }>): Promise<void> {
    const shown = errors.map(({ code, message, param, line }) => ({ code, message, param, line }))
    const faults = { count: errorCount, shown }
    const more = errorCount > 1 ? ` (and ${errorCount - 1} more)` : ''
    await this.#fail(id, faults, `The input has a fault: ${shown[0]?.message ?? 'unknown'}${more}`)
  }

  /** What is no fault of the input is told as well: nobody should wait for a batch that never begins. */
  async #giveUp(id: string, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#isClosed) return
    this.#parts.logger.error({ err: error, batch: id }, 'the input of a batch could not be checked')
    const message = isDiskFull(error)
      ? 'The disk of the control room is full: the input could not be checked. Make room, and create the batch again.'
      : 'The input could not be checked: the log of the control room says why.'
    const faults = { count: 1, shown: [{ code: 'internal_error', message, param: null, line: null }] }
    // Where the storage is away, the next start checks it anew.
    await this.#fail(id, faults, message).catch(() => undefined)
  }

  async #fail(id: string, faults: object, message: string): Promise<void> {
    const nowMs = this.#parts.now()
    await this.#parts.storage.call('batches.fail', { id, faults: JSON.stringify(faults), message, nowMs })
    this.#parts.onEnded()
    // Nothing of it is needed any more; the file that it was made over is its owner's.
    await removeBatchFolder(this.#parts.dataFolder, id)
  }
}
