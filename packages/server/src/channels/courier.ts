/**
 * Takes deliveries to their channels. It wakes when an alert was told or a delivery is due, asks the storage what waits, and
 * serves each channel by itself: one that hangs delays no other. What came of it is written before the next is sent, so a
 * stop or a kill repeats the one under way at most, under the same id. What cannot be written (a full disk) is kept and
 * written later: it is not sent again.
 */
import type { Logger } from 'pino'
import type { StorageClient } from '../storage/storage-client.ts'
import type { DeliveryResult, DueDelivery } from './deliveries.ts'
import { type Outcome, planRetry } from './plan-retry.ts'
import type { Seal } from './seal.ts'
import { type Secrets, type Senders, sendDeliveries, takesMany } from './send-delivery.ts'

/** Deliveries in one message for people. */
const bundleMax = 100
/** Without a word from anybody it looks again after so long. */
const lookEveryMs = 60_000

export type CourierParts = {
  storage: Pick<StorageClient, 'call' | 'subscribe'>
  seal: Seal
  senders: Senders
  now: () => number
  logger: Pick<Logger, 'error'>
  /** As `planRetry` takes them. */
  waitsMs?: readonly number[] | undefined
}

export class Courier {
  readonly #parts: CourierParts
  readonly #busy = new Map<number, Promise<void>>()
  /** What came of deliveries and is not written yet, by their ids. */
  readonly #unwritten = new Map<number, { result: DeliveryResult; isUnderWay: boolean }>()
  #timer: NodeJS.Timeout | undefined
  #unsubscribe: (() => void) | undefined
  #looking: Promise<void> | undefined
  #lookAgain = false
  #closed = false

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  start(): void {
    this.#unsubscribe = this.#parts.storage.subscribe((updates) => {
      if (updates.some(({ topic }) => topic === 'alerts')) this.wake()
    })
    this.wake()
  }

  /** Something may be due. */
  wake(): void {
    if (this.#closed) return
    this.#lookAgain = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
  }

  /** Sends one delivery now, in front of all others, and writes what came of it. */
  async send(delivery: DueDelivery): Promise<void> {
    await this.#sendTogether([delivery])
  }

  /** Nothing starts any more; what is under way may finish. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#unsubscribe?.()
    await this.#looking
    await Promise.allSettled(this.#busy.values())
  }

  async #look(): Promise<void> {
    while (this.#lookAgain && !this.#closed) {
      this.#lookAgain = false
      await this.#takeDue()
    }
  }

  async #takeDue(): Promise<void> {
    const { storage, now, logger } = this.#parts
    try {
      await this.#write()
      const { due, nextMs } = await storage.call('deliveries.due', null)
      const unsent = due.filter(({ id }) => !this.#unwritten.has(id))
      for (const [channelId, deliveries] of Map.groupBy(unsent, (one) => one.channelId))
        this.#serve(channelId, deliveries)
      this.#wakeIn(Math.min(lookEveryMs, Math.max(0, (nextMs ?? Infinity) - now())))
    } catch (error) {
      // The storage is away, full or stopping: what waits goes on waiting.
      if (!this.#closed) logger.error({ err: error }, 'deliveries of alerts could not be read or written')
      this.#wakeIn(lookEveryMs)
    }
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => this.wake(), ms)
    this.#timer.unref()
  }

  #serve(channelId: number, deliveries: readonly DueDelivery[]): void {
    if (this.#busy.has(channelId)) return
    const work = this.#serveChannel(deliveries).finally(() => {
      this.#busy.delete(channelId)
      this.wake()
    })
    this.#busy.set(channelId, work)
  }

  async #serveChannel(deliveries: readonly DueDelivery[]): Promise<void> {
    const { logger } = this.#parts
    try {
      const [first] = deliveries
      if (!first) return
      const size = takesMany(first.kind) ? bundleMax : 1
      for (let at = 0; at < deliveries.length && !this.#closed; at += size) {
        const outcome = await this.#sendTogether(deliveries.slice(at, at + size))
        // The rest would fare no better now, and a service that asks for a pause gets it.
        if (outcome.kind === 'failed' && !outcome.isFinal)
          return await this.#settle(deliveries.slice(at + size), outcome)
      }
    } catch (error) {
      if (!this.#closed) logger.error({ err: error }, 'a delivery of an alert could not be settled')
    }
  }

  async #sendTogether(deliveries: readonly DueDelivery[]): Promise<Outcome> {
    const { senders } = this.#parts
    const [first] = deliveries
    if (!first) return { kind: 'delivered' }
    const secrets = this.#open(first.sealed)
    const outcome: Outcome =
      'error' in secrets
        ? { kind: 'failed', error: secrets.error, isFinal: true, retryAfterMs: null }
        : await sendDeliveries(senders, { kind: first.kind, secrets, deliveries })
    await this.#settle(deliveries, outcome)
    return outcome
  }

  #open(sealed: string): Secrets | { error: string } {
    try {
      return JSON.parse(this.#parts.seal.open(sealed)) as Secrets // sealed by channel-routes.ts
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }

  async #settle(deliveries: readonly DueDelivery[], outcome: Outcome): Promise<void> {
    const { waitsMs } = this.#parts
    const now = this.#parts.now()
    for (const { id, tries } of deliveries) {
      const result: DeliveryResult = { id, ...planRetry(outcome, { tries, now, waitsMs }) }
      this.#unwritten.set(id, { result, isUnderWay: false })
    }
    await this.#write()
  }

  /** Each result once, although several channels may have some to write. */
  async #write(): Promise<void> {
    const waiting = [...this.#unwritten.values()].filter(({ isUnderWay }) => !isUnderWay)
    if (waiting.length === 0) return
    for (const one of waiting) one.isUnderWay = true
    try {
      await this.#parts.storage.call('deliveries.settle', { results: waiting.map(({ result }) => result) })
      for (const { result } of waiting) this.#unwritten.delete(result.id)
    } finally {
      for (const one of waiting) one.isUnderWay = false
    }
  }
}
