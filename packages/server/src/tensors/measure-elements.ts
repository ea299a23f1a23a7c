/** Figures of one tensor from its elements, block by block. */
import type { TensorSummary } from '@pilothouse/contract'
import { asFigure, ExactSum, SquareSum } from './exact-sum.ts'

/** Elements that are decoded and added up at once; 32 kB stay in the fastest cache. */
export const blockElements = 4_096

export type TensorFigures = Pick<TensorSummary, 'norm' | 'mean' | 'min' | 'max' | 'nonFinite' | 'zeroShare'>

export class TensorMeasure {
  readonly #squares = new SquareSum()
  readonly #sum = new ExactSum()
  #count = 0
  #nonFinite = 0
  #zeros = 0
  #min = Infinity
  #max = -Infinity

  /** Adds the first `count` elements of a block. */
  add(values: Float64Array, count: number): void {
    const { sum, squares, min, max, zeros } = measureBlock(values, count)
    this.#count += count
    // Anything that is not finite, and any number whose square is too large, makes the sum of squares so.
    if (!Number.isFinite(squares)) return this.#addOneByOne(values, count)
    this.#sum.add(sum)
    this.#squares.addSquares(squares)
    this.#zeros += zeros
    if (min < this.#min) this.#min = min
    if (max > this.#max) this.#max = max
  }

  get squares(): SquareSum {
    return this.#squares
  }

  /** The figures, of each element as often as it is repeated. */
  finish(repeats: number): TensorFigures {
    const finite = this.#count - this.#nonFinite
    return {
      norm: finite === 0 ? null : asFigure(this.#squares.root(repeats)),
      mean: finite === 0 ? null : asFigure(this.#sum.value / finite),
      min: finite === 0 ? null : this.#min,
      max: finite === 0 ? null : this.#max,
      nonFinite: this.#nonFinite * repeats,
      zeroShare: this.#count === 0 ? null : this.#zeros / this.#count,
    }
  }

  #addOneByOne(values: Float64Array, count: number): void {
    for (const value of values.subarray(0, count)) {
      if (!Number.isFinite(value)) {
        this.#nonFinite += 1
        continue
      }
      this.#sum.add(value)
      this.#squares.addSquareOf(value)
      if (value === 0) this.#zeros += 1
      if (value < this.#min) this.#min = value
      if (value > this.#max) this.#max = value
    }
  }
}

type BlockFigures = { sum: number; squares: number; min: number; max: number; zeros: number }

/**
 * Four sums side by side: they keep the processor busy, and each is a quarter as long. Values are taken one by one on
 * purpose: taking a list of them apart makes this loop eight times slower.
 */
function measureBlock(values: Float64Array, count: number): BlockFigures {
  let sumA = 0
  let sumB = 0
  let sumC = 0
  let sumD = 0
  let squaresA = 0
  let squaresB = 0
  let squaresC = 0
  let squaresD = 0
  let min = Infinity
  let max = -Infinity
  let zeros = 0
  let at = 0
  for (; at + 3 < count; at += 4) {
    const a = values[at] ?? 0
    const b = values[at + 1] ?? 0
    const c = values[at + 2] ?? 0
    const d = values[at + 3] ?? 0
    sumA += a
    sumB += b
    sumC += c
    sumD += d
    squaresA += a * a
    squaresB += b * b
    squaresC += c * c
    squaresD += d * d
    if (a < min) min = a
    if (a > max) max = a
    if (b < min) min = b
    if (b > max) max = b
    if (c < min) min = c
    if (c > max) max = c
    if (d < min) min = d
    if (d > max) max = d
    if (a === 0) zeros += 1
    if (b === 0) zeros += 1
    if (c === 0) zeros += 1
    if (d === 0) zeros += 1
  }
  for (; at < count; at += 1) {
    const value = values[at] ?? 0
    sumA += value
    squaresA += value * value
    if (value < min) min = value
    if (value > max) max = value
    if (value === 0) zeros += 1
  }
  const squares = squaresA + squaresB + (squaresC + squaresD)
  return { sum: sumA + sumB + (sumC + sumD), squares, min, max, zeros }
}
