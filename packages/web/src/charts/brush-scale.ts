/** Places on the strip that shows the whole axis: shares of its width, 0 at the left and 1 at the right. */
import type { Extent } from '@pilothouse/signals'
import type { Range } from './chart-search.ts'

/** What is shown is at least so wide, as a share of the strip. */
export const widthMin = 0.005

export type Part = readonly [from: number, to: number]
/** What of the part is moved: one of its ends, or both. */
export type Grip = 'from' | 'to' | 'both'

export class BrushScale {
  readonly #low: number
  readonly #high: number
  readonly #isLog: boolean

  constructor({ min, max }: Extent, isLog = false) {
    this.#isLog = isLog && min > 0
    this.#low = this.#isLog ? Math.log(min) : min
    const high = this.#isLog ? Math.log(max) : max
    this.#high = high > this.#low ? high : this.#low + 1
  }

  /** Not bounded: what lies beside the strip is below 0 or above 1. */
  toPlace(x: number): number {
    const value = this.#isLog ? Math.log(Math.max(x, Number.MIN_VALUE)) : x
    return (value - this.#low) / (this.#high - this.#low)
  }

  toX(place: number): number {
    const value = this.#low + place * (this.#high - this.#low)
    return this.#isLog ? Math.exp(value) : value
  }

  /** The part of the strip that a range covers. */
  toPart(range: Range | null): Part {
    if (range === null) return [0, 1]
    const [from, to] = range.map((x) => Math.min(1, Math.max(0, this.toPlace(x)))) as [number, number] // two of two
    const start = Math.min(from, 1 - widthMin)
    return [start, Math.max(to, start + widthMin)]
  }

  /** Everything is no range: it goes on growing. */
  toRange([from, to]: Part): Range | null {
    return from <= 0 && to >= 1 ? null : [this.toX(from), this.toX(to)]
  }
}

/** Moves an end, or all of it, by a share of the strip; it stays on the strip and does not turn over. */
export function movePart([from, to]: Part, grip: Grip, by: number): Part {
  if (grip === 'from') return [clamp(from + by, 0, to - widthMin), to]
  if (grip === 'to') return [from, clamp(to + by, from + widthMin, 1)]
  const shift = clamp(by, -from, 1 - to)
  return [from + shift, to + shift]
}

/** The part between two places, as somebody draws it. */
export function spanPart(one: number, other: number): Part {
  const from = clamp(Math.min(one, other), 0, 1 - widthMin)
  return [from, clamp(Math.max(one, other), from + widthMin, 1)]
}

/** What a key does to the end that has the focus; undefined for other keys. */
export function pressKey(
  part: Part,
  grip: Grip,
  { key, shiftKey }: { key: string; shiftKey: boolean },
): Part | undefined {
  const stride = shiftKey ? 0.1 : 0.01
  if (key === 'ArrowLeft' || key === 'ArrowDown') return movePart(part, grip, -stride)
  if (key === 'ArrowRight' || key === 'ArrowUp') return movePart(part, grip, stride)
  if (key === 'PageDown') return movePart(part, grip, -0.1)
  if (key === 'PageUp') return movePart(part, grip, 0.1)
  if (key === 'Home') return movePart(part, grip, -1)
  return key === 'End' ? movePart(part, grip, 1) : undefined
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
