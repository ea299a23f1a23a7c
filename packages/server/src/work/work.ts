/**
 * What workers do with batches that are in progress: they lease shards, deliver results, and say that they are alive. Leases and
 * what is done are in the storage, results in files (result-files.ts); here is only who waits, and who was heard of.
 */
import {
  type Heartbeat,
  type HeartbeatAnswer,
  type LeaseAnswer,
  type LeaseAsk,
  PilothouseError,
  type GiveBack,
  type WorkDelivered,
  type WorkDelivery,
  type WorkEngines,
  type WorkShard,
  type BatchOverview,
} from '@pilothouse/contract'
import type { Logger } from 'pino'
import { batchPaths } from '../batches/batch-folder.ts'
import type { Engines } from '../engines/engines.ts'
import type { Files } from '../files/files.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { BatchEnds } from './batch-ends.ts'
import { listUnset, readBits } from './bitmap.ts'
import { beatEveryMs, leaseMs } from './lease-time.ts'
import type { LeasedShard } from './lease-operations.ts'
import type { PartFiles } from './part-files.ts'
import { readOrder, readRequests } from './read-requests.ts'
import { RecentRequests } from './recent-requests.ts'
import { ResultFiles } from './result-files.ts'
import type { DeliveryStart } from './result-operations.ts'
import { chooseFresh, takeResults } from './take-results.ts'
import { WaitingRoom } from './waiting-room.ts'
import { WorkerRoll, serverWorkerPrefix } from './worker-roll.ts'

/** One request may take so long. */
const requestMs = 10 * 60_000
/** A batch whose input cannot be read is left alone for so long. */
const unreadableMs = 60_000

export type WorkParts = {
  dataFolder: string
  storage: Pick<StorageClient, 'call'>
  files: Pick<Files, 'create'>
  engines: Pick<Engines, 'listUsable'>
  now: () => number
  logger: Pick<Logger, 'error'>
  /** A batch has ended. */
  onEnded?: (() => void) | undefined
  /** Requests are under way at an engine, or it has ended some. Called often. */
  noteUse?: ((engineId: number) => void) | undefined
  /** How part files are written. */
  partFiles?: PartFiles | undefined
  /** The server's own workers. */
  makeWorkers?: ((work: Work) => OwnWorkers) | undefined
}

/** `look`: whether there are requests for workers. */
export type OwnWorkers = { look(hasWork: boolean): void; close(): Promise<void> }

export class Work {
  readonly #parts: WorkParts
  readonly #results: ResultFiles
  readonly #ends: BatchEnds
  readonly #waiting = new WaitingRoom()
  readonly #recent = new RecentRequests()
  readonly #roll: WorkerRoll
  readonly #workers: OwnWorkers | undefined
  /** Until when batches are left alone whose input cannot be read, ms since 1970. */
  readonly #unreadable = new Map<string, number>()
  #started: Promise<void> = Promise.resolve()

  constructor(parts: WorkParts) {
    const { dataFolder, storage, partFiles } = parts
    this.#parts = parts
    this.#results = new ResultFiles({ dataFolder, storage, files: partFiles })
    this.#roll = new WorkerRoll(parts.now)
    this.#ends = new BatchEnds({
      ...parts,
      results: this.#results,
      onLook: (working) => this.#workers?.look(working > 0),
    })
    this.#workers = parts.makeWorkers?.(this)
  }

  /** Goes on from where the server ended, or was killed. */
  start(): void {
    this.#started = this.#prepare()
      .catch((error: unknown) => this.#complain(error))
      .then(() => this.#ends.start())
  }

  /** Ends waiting leases and the server's own workers; what is being written is written first. */
  async close(): Promise<void> {
    this.#waiting.close()
    await this.#started
    await this.#workers?.close()
    await this.#ends.close()
    await this.#results.settle()
  }

  /** There is something to lease, or a batch changed: who waits looks again. */
  ring(): void {
    this.#waiting.ring()
    void this.#ends.look()
  }

  /** Brings a batch to its end if it is to be. Resolves when that was tried; what fails is tried again later. */
  settle(batchId: string): Promise<void> {
    return this.#ends.settle(batchId)
  }

  /**
   * Some requests of a batch, or null after `waitMs` without any. `signal`: who asks has gone.
   * @throws what the storage throws
   */
  async lease({ worker, model, except = [], waitMs = 0 }: LeaseAsk, signal: AbortSignal): Promise<LeaseAnswer> {
    const visit = this.#waiting.enter(waitMs, signal)
    try {
      for (;;) {
        visit.listen()
        const { shard, nextMs } = await this.#take({ worker, model, except })
        if (shard && signal.aborted) return await this.#takeBack(worker, shard)
        if (shard || visit.isOver) return { shard }
        await visit.wait(nextMs === null ? null : nextMs - this.#parts.now())
      }
    } finally {
      visit.leave()
    }
  }

  /**
   * Keeps results. Repeating it changes nothing.
   * @throws PilothouseError `invalid` for a result of a request that is not the shard's, `diskFull`; what the storage throws. Then
   * nothing was kept, and it may be delivered again.
   */
  async deliver(delivery: WorkDelivery): Promise<WorkDelivered> {
    const { batchId, shard, epoch, worker, results } = delivery
    this.#noteUses(results.flatMap(({ engineId }) => engineId ?? []))
    return this.#results.inTurn(batchId, async () => {
      const start = await this.#parts.storage.call('work.begin-delivery', { batchId, shard, epoch, worker })
      return { isLost: start === null || !(await this.#keep(delivery, start)) }
    })
  }

  /** Keeps leases of a worker for another while. */
  async beat(heartbeat: Heartbeat): Promise<HeartbeatAnswer> {
    this.#roll.note(heartbeat)
    const { worker, leases, seats } = heartbeat
    this.#noteUses(seats.flatMap(({ engineId, inFlight }) => (inFlight > 0 ? [engineId] : [])))
    const lost =
      leases.length === 0
        ? []
        : await this.#parts.storage.call('work.beat', { worker, leases, nowMs: this.#parts.now() })
    return { lost, againMs: beatEveryMs }
  }

  /** Others may have these shards at once. */
  async giveBack({ worker, leases }: GiveBack): Promise<void> {
    const plain = leases.map(({ batchId, shard, epoch }) => ({ batchId, shard, epoch }))
    await this.#parts.storage.call('work.give-back', { worker, leases: plain })
    this.#waiting.ring()
  }

  /** Engines that a worker may ask for this model now, with their keys. What one takes at most is shared between all workers. */
  async listEngines(model: string): Promise<WorkEngines> {
    const workers = Math.max(1, this.#roll.list().length)
    const engines = this.#parts.engines.listUsable(model).map(({ concurrencyMax: most, ...engine }) => ({
      ...engine,
      concurrencyMax: most === null ? null : Math.max(1, Math.floor(most / workers)),
    }))
    return { engines }
  }

  /** Those that were heard of lately. */
  listWorkers(): BatchOverview['workers'] {
    return this.#roll.list()
  }

  /** A worker has ended, however that came: what it had is free. */
  async dismiss(worker: string): Promise<void> {
    this.#roll.forget(worker)
    await this.#parts.storage.call('work.release-workers', { name: worker })
    this.#waiting.ring()
  }

  /** An engine that tells nothing of itself would count as idle otherwise, and be stopped under a batch. */
  #noteUses(engineIds: readonly number[]): void {
    for (const id of new Set(engineIds)) this.#parts.noteUse?.(id)
  }

  async #prepare(): Promise<void> {
    const { storage } = this.#parts
    await storage.call('work.release-workers', { prefix: serverWorkerPrefix })
    for (const { id } of await storage.call('work.open', null))
      await this.#results.inTurn(id, () => this.#cut(id)).catch((error: unknown) => this.#complain(error))
  }

  async #cut(batchId: string): Promise<void> {
    const lengths = await this.#parts.storage.call('work.lengths', { batchId })
    if (lengths) await this.#results.cut(batchId, lengths)
  }

  async #take(wish: Wish): Promise<{ shard: WorkShard | null; nextMs: number | null }> {
    const nowMs = this.#parts.now()
    const found = await this.#parts.storage.call('work.lease', { ...wish, skip: this.#listUnreadable(nowMs), nowMs })
    if (!found.shard) return found
    try {
      return { shard: await this.#fill(found.shard), nextMs: null }
    } catch (error) {
      await this.#leaveAlone(wish.worker, found.shard, error)
      return { shard: null, nextMs: nowMs } // there may be others
    }
  }

  async #fill(leased: LeasedShard): Promise<WorkShard> {
    const { batchId, shard, epoch, endpoint, model, count, done } = leased
    const paths = batchPaths(this.#parts.dataFolder, batchId)
    const order = await readOrder(paths.order, leased)
    const ats = listUnset(readBits(done, count), count).map((place) => order[place] ?? 0)
    const found = await readRequests(paths, ats, leased.isModelReplaced ? model : undefined)
    const requests = found.map(({ line, customId, body }, n) => ({ at: ats[n] ?? 0, line, customId, body }))
    this.#recent.note(batchId, shard, requests)
    return { batchId, shard, epoch, leaseMs, endpoint, model, requestMs, requests }
  }

  /** Other batches are served meanwhile. */
  async #leaveAlone(worker: string, { batchId, shard, epoch }: LeasedShard, error: unknown): Promise<void> {
    const nowMs = this.#parts.now()
    this.#unreadable.set(batchId, nowMs + unreadableMs)
    this.#complain(error)
    const { storage } = this.#parts
    await storage.call('work.give-back', { worker, leases: [{ batchId, shard, epoch }] })
    const message = `Its input cannot be read: ${error instanceof Error ? error.message : String(error)}`
    await storage.call('work.note', { id: batchId, atMs: nowMs, level: 'error', message })
  }

  async #takeBack(worker: string, shard: WorkShard): Promise<LeaseAnswer> {
    await this.giveBack({ worker, leases: [shard] })
    return { shard: null }
  }

  #listUnreadable(nowMs: number): string[] {
    for (const [id, untilMs] of this.#unreadable) if (untilMs <= nowMs) this.#unreadable.delete(id)
    return [...this.#unreadable.keys()]
  }

  /** False: nobody wants it any more. */
  async #keep(
    { batchId, shard, epoch, worker, results }: WorkDelivery,
    start: NonNullable<DeliveryStart>,
  ): Promise<boolean> {
    const { storage, dataFolder, now } = this.#parts
    const paths = batchPaths(dataFolder, batchId)
    const order = await readOrder(paths.order, start)
    const fresh = chooseFresh(results, { ...start, order })
    if (!fresh) throw new PilothouseError('invalid', 'A result is of no request of this lease.', { field: 'results' })
    const ats = fresh.map(({ result }) => result.at)
    const requests = this.#recent.find(batchId, shard, ats) ?? (await readRequests(paths, ats))
    const { lines, ...taken } = takeResults(batchId, fresh, requests)
    const by = { kind: 'worker', epoch, worker } as const
    const before = start.lengths
    const { isTaken, isBatchDone } = await this.#results.write(batchId, {
      lines,
      before,
      commit: (after) =>
        storage.call('work.commit-results', { batchId, shard, by, ...taken, before, after, nowMs: now() }),
    })
    if (isBatchDone) void this.#ends.look()
    return isTaken
  }

  #complain(error: unknown): void {
    this.#parts.logger.error({ err: error }, 'work on batches failed')
  }
}

type Wish = { worker: string; model: string | null; except: readonly string[] }
