/**
 * Looks at many things in turn, a few at once: each at its interval, those that fail ever more rarely. One that hangs holds
 * its own place for as long as a look may last, and nobody else's turn.
 */
import { type BackOff, isDue, noBackOff, planNext, planRetry } from './back-off.ts'
import { limitTime } from './limit-time.ts'
import type { TopTimers } from './top-timers.ts'

export type LookTarget<Found> = {
  key: string
  /** From where the look before has come to; null: there was none. @throws Error with a message for people */
  look: (place: unknown, signal: AbortSignal) => Promise<{ found: Found; place: unknown }>
  /** Instead of the usual one, ms. */
  intervalMs?: number
}

export type LookoutOptions<Found> = {
  timers: TopTimers
  intervalMs: number
  /** At once. */
  looksMax: number
  lookMsMax: number
  onLook: (key: string, found: Found) => void
  onFailure: (key: string, error: unknown) => void
}

type Seat = { plan: BackOff; place: unknown; isBusy: boolean }

export class Lookout<Found> {
  readonly #options: LookoutOptions<Found>
  readonly #seats = new Map<string, Seat>()
  readonly #end = new AbortController()
  #busy = 0
  #waiting: LookTarget<Found>[] = []

  constructor(options: LookoutOptions<Found>) {
    this.#options = options
  }

  /** Looks at those of them whose time has come; what is known of others is forgotten. */
  visit(targets: readonly LookTarget<Found>[]): void {
    const keys = new Set(targets.map(({ key }) => key))
    for (const [key, { isBusy }] of this.#seats) if (!keys.has(key) && !isBusy) this.#seats.delete(key)
    const now = this.#options.timers.now()
    this.#waiting = targets.filter(({ key }) => this.#isFree(key, now))
    this.#fill()
  }

  /** All of them, or one, are looked at in their next turn, however often they have failed. */
  hurry(only?: string): void {
    for (const [key, seat] of this.#seats)
      if (only === undefined || key === only) seat.plan = { ...seat.plan, nextAt: 0 }
  }

  close(): void {
    this.#waiting = []
    this.#end.abort()
  }

  #isFree(key: string, now: number): boolean {
    const seat = this.#seats.get(key)
    return seat === undefined || (!seat.isBusy && isDue(seat.plan, now))
  }

  #fill(): void {
    while (this.#busy < this.#options.looksMax) {
      const target = this.#waiting.shift()
      if (target === undefined || this.#end.signal.aborted) return
      void this.#look(target)
    }
  }

  async #look({ key, look, intervalMs = this.#options.intervalMs }: LookTarget<Found>): Promise<void> {
    const { timers, lookMsMax, onLook, onFailure } = this.#options
    const seat = this.#seats.get(key) ?? { plan: noBackOff, place: null, isBusy: false }
    this.#seats.set(key, seat)
    seat.isBusy = true
    this.#busy += 1
    const begun = timers.now()
    try {
      const limit = { ms: lookMsMax, timers, signal: this.#end.signal }
      const { found, place } = await limitTime((signal) => look(seat.place, signal), limit)
      seat.place = place
      seat.plan = planNext(begun, intervalMs)
      onLook(key, found)
    } catch (error) {
      seat.plan = planRetry(seat.plan, timers.now(), { intervalMs })
      if (!this.#end.signal.aborted) onFailure(key, error)
    } finally {
      seat.isBusy = false
      this.#busy -= 1
      this.#fill()
    }
  }
}
