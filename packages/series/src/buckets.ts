/** Points put into equal stretches of x. Ties are decided by order of arrival, so points are added in that order. */
import { at } from './outline.ts'
import type { SeriesBuckets } from './types.ts'

export type BucketColumns = Pick<
  SeriesBuckets,
  'x' | 'xLast' | 'first' | 'last' | 'min' | 'max' | 'mean' | 'n' | 'nonFinite'
>

/** Says in which of `count` equal stretches of `low` to `high` an x lies. The last one has its upper end. */
export class Grid {
  readonly count: number
  readonly #low: number
  readonly #factor: number
  /** Halves numbers so large that their difference is infinite. */
  readonly #scale: number

  constructor(low: number, high: number, count: number) {
    this.count = count
    this.#scale = Number.isFinite(high - low) ? 1 : 0.5
    this.#low = low * this.#scale
    const factor = count / (high * this.#scale - this.#low)
    this.#factor = Number.isFinite(factor) ? factor : 0
  }

  find(x: number): number {
    const bucket = Math.floor((x * this.#scale - this.#low) * this.#factor)
    return bucket < this.count ? bucket : this.count - 1
  }
}

export class Buckets {
  readonly #grid: Grid
  readonly #x: Float64Array
  readonly #xLast: Float64Array
  readonly #first: Float64Array
  readonly #last: Float64Array
  readonly #min: Float64Array
  readonly #max: Float64Array
  readonly #sum: Float64Array
  readonly #n: Float64Array
  readonly #nonFinite: Float64Array

  constructor(grid: Grid) {
    this.#grid = grid
    const columns = makeColumns(grid.count)
    this.#x = columns.x.fill(Infinity)
    this.#xLast = columns.xLast.fill(-Infinity)
    this.#first = columns.first
    this.#last = columns.last
    this.#min = columns.min.fill(Infinity)
    this.#max = columns.max.fill(-Infinity)
    this.#sum = columns.mean
    this.#n = columns.n
    this.#nonFinite = columns.nonFinite
  }

  /** Adds points, each to the bucket of its x. Neighbours mostly share one, so its sums are kept in locals meanwhile. */
  addPoints(xs: Float64Array, values: Float64Array, length: number): void {
    const grid = this.#grid
    let from = 0
    while (from < length) {
      const bucket = grid.find(xs[from] ?? 0)
      let until = from + 1
      while (until < length && grid.find(xs[until] ?? 0) === bucket) until += 1
      this.#addRun(bucket, xs, values, { from, until })
      from = until
    }
  }

  /** Adds the points that a record (outline.ts) speaks of to one bucket. They must be in order of x. */
  addRecord(bucket: number, records: Float64Array, base: number, axis: number): void {
    const low = records[base + at.low + axis * 2] ?? 0
    const high = records[base + at.high + axis * 2] ?? 0
    if (low < (this.#x[bucket] ?? 0)) {
      this.#x[bucket] = low
      this.#first[bucket] = records[base + at.first] ?? 0
    }
    if (high >= (this.#xLast[bucket] ?? 0)) {
      this.#xLast[bucket] = high
      this.#last[bucket] = records[base + at.last] ?? 0
    }
    const min = records[base + at.min] ?? 0
    const max = records[base + at.max] ?? 0
    if (min < (this.#min[bucket] ?? 0)) this.#min[bucket] = min
    if (max > (this.#max[bucket] ?? 0)) this.#max[bucket] = max
    this.#sum[bucket] = (this.#sum[bucket] ?? 0) + (records[base + at.sum] ?? 0)
    this.#n[bucket] = (this.#n[bucket] ?? 0) + (records[base + at.n] ?? 0)
    this.#nonFinite[bucket] = (this.#nonFinite[bucket] ?? 0) + (records[base + at.nonFinite] ?? 0)
  }

  /** The buckets that have points. */
  finish(): BucketColumns {
    let used = 0
    for (let bucket = 0; bucket < this.#n.length; bucket += 1) if (this.#n[bucket] !== 0) used += 1
    const columns = makeColumns(used)
    let to = 0
    for (let bucket = 0; bucket < this.#n.length; bucket += 1) {
      const n = this.#n[bucket] ?? 0
      if (n === 0) continue
      const finite = n - (this.#nonFinite[bucket] ?? 0)
      columns.x[to] = this.#x[bucket] ?? 0
      columns.xLast[to] = this.#xLast[bucket] ?? 0
      columns.first[to] = this.#first[bucket] ?? 0
      columns.last[to] = this.#last[bucket] ?? 0
      columns.min[to] = finite > 0 ? (this.#min[bucket] ?? 0) : Number.NaN
      columns.max[to] = finite > 0 ? (this.#max[bucket] ?? 0) : Number.NaN
      columns.mean[to] = finite > 0 ? (this.#sum[bucket] ?? 0) / finite : Number.NaN
      columns.n[to] = n
      columns.nonFinite[to] = n - finite
      to += 1
    }
    return columns
  }

  #addRun(bucket: number, xs: Float64Array, values: Float64Array, { from, until }: { from: number; until: number }) {
    let low = this.#x[bucket] ?? 0
    let high = this.#xLast[bucket] ?? 0
    let first = this.#first[bucket] ?? 0
    let last = this.#last[bucket] ?? 0
    let min = this.#min[bucket] ?? 0
    let max = this.#max[bucket] ?? 0
    let sum = this.#sum[bucket] ?? 0
    let nonFinite = 0
    for (let point = from; point < until; point += 1) {
      const x = xs[point] ?? 0
      const value = values[point] ?? 0
      if (x < low) {
        low = x
        first = value
      }
      if (x >= high) {
        high = x
        last = value
      }
      if (value - value !== 0) {
        nonFinite += 1
        continue
      }
      if (value < min) min = value
      if (value > max) max = value
      sum += value
    }
    this.#x[bucket] = low
    this.#xLast[bucket] = high
    this.#first[bucket] = first
    this.#last[bucket] = last
    this.#min[bucket] = min
    this.#max[bucket] = max
    this.#sum[bucket] = sum
    this.#n[bucket] = (this.#n[bucket] ?? 0) + until - from
    this.#nonFinite[bucket] = (this.#nonFinite[bucket] ?? 0) + nonFinite
  }
}

/** Each point a bucket of its own, in order of x, equal ones in order of arrival. */
export function makeSingles(xs: Float64Array, values: Float64Array): BucketColumns {
  const columns = makeColumns(xs.length)
  const order = isAscending(xs) ? undefined : sortByX(xs)
  for (let to = 0; to < xs.length; to += 1) {
    const from = order?.[to] ?? to
    const x = xs[from] ?? 0
    const value = values[from] ?? 0
    const finite = value - value === 0
    columns.x[to] = x
    columns.xLast[to] = x
    columns.first[to] = value
    columns.last[to] = value
    columns.min[to] = finite ? value : Number.NaN
    columns.max[to] = finite ? value : Number.NaN
    columns.mean[to] = finite ? value : Number.NaN
    columns.n[to] = 1
    columns.nonFinite[to] = finite ? 0 : 1
  }
  return columns
}

function sortByX(xs: Float64Array): Uint32Array {
  const order = Uint32Array.from(xs, (_, place) => place)
  return order.sort((one, other) => (xs[one] ?? 0) - (xs[other] ?? 0) || one - other)
}

function isAscending(xs: Float64Array): boolean {
  for (let point = 1; point < xs.length; point += 1) if ((xs[point] ?? 0) < (xs[point - 1] ?? 0)) return false
  return true
}

/** Nine columns on one buffer. */
function makeColumns(length: number): BucketColumns {
  const all = new Float64Array(length * 9)
  const take = (column: number) => all.subarray(column * length, (column + 1) * length)
  return {
    x: take(0),
    xLast: take(1),
    first: take(2),
    last: take(3),
    min: take(4),
    max: take(5),
    mean: take(6),
    n: take(7),
    nonFinite: take(8),
  }
}
