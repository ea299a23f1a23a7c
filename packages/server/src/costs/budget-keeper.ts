/** Looks at budgets each minute, and soon after something changed that they rest on. */
import type { Logger } from 'pino'
import type { Courier } from '../channels/courier.ts'
import type { LaunchKeeper } from '../launches/launch-keeper.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { type ClockLook, isSteady } from './judge-clock.ts'

const lookEveryMs = 60_000
/** Jobs are priced anew within seconds of a new rate card. */
const afterRatesMs = 5_000

export type BudgetParts = {
  storage: Pick<StorageClient, 'call'>
  courier: Pick<Courier, 'wake'>
  launches: Pick<LaunchKeeper, 'wake'>
  now: () => number
  /** A counter of ms that nobody sets. */
  steady: () => number
  logger: Pick<Logger, 'error'>
  lookMs?: number | undefined
}

export class BudgetKeeper {
  readonly #parts: BudgetParts
  #before: ClockLook | null = null
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(parts: BudgetParts) {
    this.#parts = parts
  }

  start(): void {
    this.#lookIn(0)
  }

  /** A budget is another: looks now. What comes of it is in the database once the promise is done. */
  async look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookOnce())
    return this.#looking
  }

  /** Rates are others: looks once jobs have their new prices. */
  noteRates(): void {
    this.#lookIn(Math.min(afterRatesMs, this.#parts.lookMs ?? lookEveryMs))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.look(), ms)
    this.#timer.unref()
  }

  async #lookOnce(): Promise<void> {
    if (this.#isClosed) return
    const { storage, courier, launches, logger, now, steady } = this.#parts
    const clock = { wallMs: now(), steadyMs: steady() }
    const isBelieved = isSteady(this.#before, clock)
    this.#before = clock
    try {
      if (!isBelieved) return
      const { isTold, cancelled } = await storage.call('budgets.evaluate', { at: clock.wallMs })
      if (isTold) courier.wake()
      if (cancelled.length > 0) await launches.wake(cancelled)
    } catch (error) {
      // The storage is away, full or stopping: what is reached is told at a later look.
      if (!this.#isClosed) logger.error({ err: error }, 'budgets could not be looked at')
    } finally {
      this.#lookIn(this.#parts.lookMs ?? lookEveryMs)
    }
  }
}
