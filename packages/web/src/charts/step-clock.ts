import type { ClockPoints, LatestMetric } from '@pilothouse/contract'
import { jobSource } from '@pilothouse/contract/wire'
import type { LiveSeries } from './chart-data.ts'

/** Moments that a clock keeps; the oldest give way. */
const momentsMax = 4_000

export type ClockAxis = 'step' | 'epoch'

/** When the job was at which step or epoch, from its own live points: where live points of its machines belong. */
export class StepClock implements ClockPoints {
  readonly times: number[] = []
  readonly values: number[] = []
  readonly #axis: ClockAxis

  constructor(axis: ClockAxis) {
    this.#axis = axis
  }

  /** The newest moment before the live ones; without effect once there is one. */
  seed(latest: readonly LatestMetric[]): void {
    if (this.times.length > 0) return
    const own = latest.filter(({ source, epoch }) => source === jobSource && (this.#axis === 'step' || epoch !== null))
    const newest = own.toSorted((one, other) => other.time - one.time)[0]
    if (newest) this.#add(newest.time, newest[this.#axis])
  }

  /** Live points; those of several metrics at one moment tell the same. */
  add({ steps, epochs, times }: Pick<LiveSeries, 'steps' | 'epochs' | 'times'>): void {
    times.forEach((time, at) => this.#add(time, (this.#axis === 'step' ? steps : epochs)[at] ?? null))
    const excess = this.times.length - momentsMax
    if (excess <= 0) return
    this.times.splice(0, excess)
    this.values.splice(0, excess)
  }

  /** True when where the job was at that time is not known yet. */
  isBefore(time: number | undefined): boolean {
    return !((this.times.at(-1) ?? Number.NEGATIVE_INFINITY) >= (time ?? Number.NEGATIVE_INFINITY))
  }

  /** What comes late says nothing new. */
  #add(time: number, value: number | null): void {
    const newest = this.times.at(-1) ?? Number.NEGATIVE_INFINITY
    if (value === null || !Number.isFinite(value) || time < newest) return
    if (time === newest && value === this.values.at(-1)) return
    this.times.push(time)
    this.values.push(value)
  }
}
