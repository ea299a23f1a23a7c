/** How far the elements of one tensor are from those of another, block by block. */
import type { ComparedTensor } from '@pilothouse/contract'
import { asFigure, ExactSum, SquareSum } from './exact-sum.ts'

export type Distances = Pick<
  ComparedTensor,
  'count' | 'normA' | 'normB' | 'distance' | 'relative' | 'cosine' | 'maxDifference' | 'equalShare' | 'nonFinite'
>

/** Of something that was not compared. */
export const noDistances: Distances = {
  count: 0,
  normA: null,
  normB: null,
  distance: null,
  relative: null,
  cosine: null,
  maxDifference: null,
  equalShare: null,
  nonFinite: null,
}

export class DifferenceMeasure {
  readonly #squaresA = new SquareSum()
  readonly #squaresB = new SquareSum()
  readonly #differences = new SquareSum()
  readonly #products = new ExactSum()
  #count = 0
  #equal = 0
  #nonFinite = 0
  #max = 0

  get isSame(): boolean {
    return this.#equal === this.#count
  }

  /**
   * Adds the first `count` elements of two blocks. `unequalMin` says how many are known to differ, though they round to
   * the same.
   */
  add(a: Float64Array, b: Float64Array, count: number, unequalMin = 0): void {
    const block = measureBlock(a, b, count)
    this.#count += count
    this.#equal += Math.min(block.equal, count - unequalMin)
    const isPlain = Number.isFinite(block.squaresA + block.squaresB + block.differences)
    if (!isPlain) return this.#addOneByOne(a, b, count)
    this.#squaresA.addSquares(block.squaresA)
    this.#squaresB.addSquares(block.squaresB)
    this.#differences.addSquares(block.differences)
    this.#products.add(block.products)
    if (block.max > this.#max) this.#max = block.max
  }

  /** Adds what another has measured. */
  merge(other: DifferenceMeasure): void {
    this.#squaresA.merge(other.#squaresA)
    this.#squaresB.merge(other.#squaresB)
    this.#differences.merge(other.#differences)
    this.#products.add(other.#products.value)
    this.#count += other.#count
    this.#equal += other.#equal
    this.#nonFinite += other.#nonFinite
    this.#max = Math.max(this.#max, other.#max)
  }

  finish(): Distances {
    if (this.#count === this.#nonFinite) {
      const equalShare = this.#count === 0 ? null : this.#equal / this.#count
      return { ...noDistances, count: this.#count, equalShare, nonFinite: this.#nonFinite }
    }
    const [normA, normB, distance] = [this.#squaresA.root(), this.#squaresB.root(), this.#differences.root()]
    return {
      count: this.#count,
      normA: asFigure(normA),
      normB: asFigure(normB),
      distance: asFigure(distance),
      relative: distance === 0 ? 0 : asFigure(distance / normA),
      cosine: asFigure(clamp(this.#products.value / normA / normB)),
      maxDifference: asFigure(this.#max),
      equalShare: this.#equal / this.#count,
      nonFinite: this.#nonFinite,
    }
  }

  #addOneByOne(a: Float64Array, b: Float64Array, count: number): void {
    for (let at = 0; at < count; at += 1) {
      const [one, other] = [a[at] ?? 0, b[at] ?? 0]
      if (!Number.isFinite(one) || !Number.isFinite(other)) {
        this.#nonFinite += 1
        continue
      }
      const difference = Math.abs(one - other)
      this.#squaresA.addSquareOf(one)
      this.#squaresB.addSquareOf(other)
      this.#differences.addSquareOf(difference)
      this.#products.add(one * other)
      if (difference > this.#max) this.#max = difference
    }
  }
}

/** Rounding may bring a cosine beyond 1. One that is infinite comes of products that are beyond float64. */
function clamp(cosine: number): number {
  return Number.isFinite(cosine) ? Math.max(-1, Math.min(1, cosine)) : Number.NaN
}

type BlockDifference = {
  squaresA: number
  squaresB: number
  differences: number
  products: number
  max: number
  equal: number
}

/** Values are taken one by one on purpose: taking a list of them apart makes this loop several times slower. */
function measureBlock(a: Float64Array, b: Float64Array, count: number): BlockDifference {
  const block: BlockDifference = { squaresA: 0, squaresB: 0, differences: 0, products: 0, max: 0, equal: 0 }
  // In four parts, so that each sum is rounded at most 1,024 times.
  for (let begin = 0; begin < count; begin += 1_024)
    addPart(block, a, b, { begin, end: Math.min(count, begin + 1_024) })
  return block
}

type Part = { begin: number; end: number }

function addPart(block: BlockDifference, a: Float64Array, b: Float64Array, { begin, end }: Part): void {
  let squaresA = 0
  let squaresB = 0
  let differences = 0
  let products = 0
  let max = 0
  let equal = 0
  for (let at = begin; at < end; at += 1) {
    const one = a[at] ?? 0
    const other = b[at] ?? 0
    const difference = one - other
    squaresA += one * one
    squaresB += other * other
    differences += difference * difference
    products += one * other
    const size = difference < 0 ? -difference : difference
    if (size > max) max = size
    if (one === other || (one !== one && other !== other)) equal += 1
  }
  block.squaresA += squaresA
  block.squaresB += squaresB
  block.differences += differences
  block.products += products
  if (max > block.max) block.max = max
  block.equal += equal
}
