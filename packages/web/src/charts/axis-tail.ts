import type { AxisPoints } from '@pilothouse/contract'
import type { LivePoints } from './series-buffer.ts'

/** Points that a tail keeps; the oldest give way. More than a chart takes before it asks for a snapshot. */
const pointsMax = 4_000

/** The newest points of a metric that is the x axis of charts, in order of step: where live points of others belong. */
export class AxisTail implements AxisPoints {
  readonly steps: number[] = []
  readonly values: number[] = []
  #branch: number | undefined

  get isEmpty(): boolean {
    return this.steps.length === 0
  }

  /** The newest point before the live ones; without effect once it is known. */
  seed({ branch, step, value }: { branch: number; step: number; value: number }): void {
    if (!this.isEmpty && (this.#branch !== branch || step >= (this.steps[0] ?? step))) return
    this.#branch = branch
    this.#insert(step, value)
  }

  /** Live points. Those of another branch begin anew. */
  add({ branch, steps, values }: Pick<LivePoints, 'steps' | 'values'> & { branch: number }): void {
    if (this.#branch !== undefined && this.#branch !== branch) this.#clear()
    this.#branch = branch
    steps.forEach((step, at) => this.#insert(step, Number(values[at])))
    const excess = this.steps.length - pointsMax
    if (excess <= 0) return
    this.steps.splice(0, excess)
    this.values.splice(0, excess)
  }

  #clear(): void {
    this.steps.length = 0
    this.values.length = 0
  }

  /** Points mostly arrive in order; one that steps back is put where it belongs. */
  #insert(step: number, value: number): void {
    let place = this.steps.length
    while (place > 0 && (this.steps[place - 1] ?? 0) > step) place -= 1
    this.steps.splice(place, 0, step)
    this.values.splice(place, 0, value)
  }
}
