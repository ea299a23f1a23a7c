/** A clock for tests: time passes when it is told to, and what was promised meanwhile comes about in between. */
import type { TopTimers } from './top-timers.ts'

type Timer = { at: number; run: () => void }

export class FakeTimers implements TopTimers {
  #now: number
  #timers: Timer[] = []

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  /** Sets the clock, and nothing runs by it. */
  turn(now: number): void {
    const moved = now - this.#now
    for (const timer of this.#timers) timer.at += moved
    this.#now = now
  }

  /** Runs what is due until so much later, in its order. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await settle()
      const next = this.#timers.filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = until
    await settle()
  }

  get waiting(): number {
    return this.#timers.length
  }
}

/** Lets everything come about that waits for promises alone. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
