import type { EventLoopUtilization } from 'node:perf_hooks'
import { recentMs } from './recent.ts'

/** Share of time in which a thread was busy, 0 … 1: over the last minute when asked again and again, else since the last look. */
export class Utilisation {
  readonly #read: () => EventLoopUtilization
  readonly #clock: () => number
  #looks: { at: number; active: number; total: number }[]

  /** @param clock monotonic milliseconds. */
  constructor(read: () => EventLoopUtilization, clock: () => number = () => performance.now()) {
    this.#read = read
    this.#clock = clock
    this.#looks = [{ at: -Infinity, active: 0, total: 0 }]
  }

  measure(): number {
    const { active, idle } = this.#read()
    const now = { at: this.#clock(), active, total: active + idle }
    const recent = this.#looks.filter(({ at }) => at > now.at - recentMs)
    const since = recent[0] ?? this.#looks.at(-1) ?? { active: 0, total: 0 }
    // A second apart at least, so that the list is bounded.
    if (now.at - (this.#looks.at(-1)?.at ?? 0) >= 1_000) this.#looks = [...recent, now]
    const total = now.total - since.total
    return total <= 0 ? 0 : Math.min(1, (now.active - since.active) / total)
  }
}
