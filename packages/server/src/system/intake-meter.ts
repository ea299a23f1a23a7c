import type { SystemStatus } from '@pilothouse/contract'
import { RecentCount, RecentTimes, recentMs } from './recent.ts'

/** What the intake of reports did lately, as those see it who report. */
export class IntakeMeter {
  readonly #reports = new RecentCount()
  readonly #refused = new RecentCount()
  readonly #times = new RecentTimes()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Awaits an acknowledgement and remembers how long it took, or that there was none. */
  async time<Ack>(acknowledge: () => Promise<Ack>): Promise<Ack> {
    const startedAt = performance.now()
    try {
      const ack = await acknowledge()
      this.#reports.add(1, this.#now())
      this.#times.add(performance.now() - startedAt, this.#now())
      return ack
    } catch (error) {
      this.#refused.add(1, this.#now())
      throw error
    }
  }

  read(): Omit<SystemStatus['ingest'], 'pointsPerSecond'> {
    const now = this.#now()
    return {
      windowMs: recentMs,
      reportsPerSecond: (this.#reports.sum(now) * 1_000) / recentMs,
      refused: this.#refused.sum(now),
      ackP50Ms: this.#times.percentile(0.5, now),
      ackP99Ms: this.#times.percentile(0.99, now),
    }
  }
}
