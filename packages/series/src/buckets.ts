/** Points put into equal stretches of x. Ties are decided by order of arrival, so points are added in that order. */
import { at } from './outline.ts'
import type { SeriesBuckets } from './types.ts'

export type BucketColumns = Pick<
  SeriesBuckets,
  'x' | 'xLast' | 'first' | 'last' | 'min' | 'max' | 'mean' | 'n' | 'nonFinite'
>

/** The first `length` numbers of two columns. `ordered`: certainly ascending by x. */
export type Points = { xs: Float64Array; values: Float64Array; length: number; ordered: boolean }

/** Where a bucket begins and ends, x <= xLast. */
export type BucketEnds = { x: number; xLast: number; first: number; last: number }

/** Says in which of `count` equal stretches of `low` to `high` an x lies. The last one has its upper end. */
export class Grid {
  readonly count: number
  readonly #low: number
  readonly #factor: number
  /** Halves numbers so large that their difference is infinite. */
  readonly #scale: number
  readonly #width: number
  /** More than all roundings in `find` together. */
  readonly #margin: number

  constructor(low: number, high: number, count: number) {
    this.count = count
    this.#scale = Number.isFinite(high - low) ? 1 : 0.5
    this.#low = low * this.#scale
    const factor = count / (high * this.#scale - this.#low)
    this.#factor = Number.isFinite(factor) ? factor : 0
    this.#width = (high * this.#scale - this.#low) / count / this.#scale
    this.#margin = 1e-9 * this.#width + 1e-14 * Math.max(Math.abs(low), Math.abs(high))
  }

  find(x: number): number {
    const bucket = Math.floor((x * this.#scale - this.#low) * this.#factor)
    return bucket < this.count ? bucket : this.count - 1
  }

  /** An x from which on, up to `findEnd`, everything is certainly in `bucket`. */
  findBegin(bucket: number): number {
    return this.#low / this.#scale + bucket * this.#width + this.#margin
  }

  findEnd(bucket: number): number {
    return this.#low / this.#scale + (bucket + 1) * this.#width - this.#margin
  }
}

export class Buckets {
  readonly #grid: Grid
  /** `mean` holds sums until the end. */
  readonly #columns: BucketColumns

  constructor(grid: Grid) {
    this.#grid = grid
    this.#columns = spare?.x.length === grid.count ? spare : makeColumns(grid.count)
    spare = undefined
    const { x, xLast, min, max, mean, n, nonFinite } = this.#columns
    for (const column of [x, min]) column.fill(Infinity)
    for (const column of [xLast, max]) column.fill(-Infinity)
    for (const column of [mean, n, nonFinite]) column.fill(0)
  }

  /** Adds points, each to the bucket of its x; the bucket is looked up only near its edges. */
  addPoints({ xs, values, length, ordered }: Points): void {
    const grid = this.#grid
    let from = 0
    let runLength = 0
    while (from < length) {
      const bucket = grid.find(xs[from] ?? 0)
      const begin = grid.findBegin(bucket)
      const end = grid.findEnd(bucket)
      // In order, the last run is a good guess at how long this one is.
      const guess = from + runLength - 2
      let until = ordered && guess > from && guess < length && grid.find(xs[guess] ?? 0) === bucket ? guess : from + 1
      for (; until < length; until += 1) {
        const x = xs[until] ?? 0
        if (!(x >= begin && x < end) && grid.find(x) !== bucket) break
      }
      const stretch = { values, from, until }
      if (ordered) placeOrdered(this.#columns, bucket, xs, stretch)
      else placeEnds(this.#columns, bucket, xs, stretch)
      addValues(this.#columns, bucket, stretch)
      runLength = until - from
      from = until
    }
  }

  /** Adds the points that a record (outline.ts) speaks of to one bucket. They must be in order of x. */
  addRecord(bucket: number, records: Float64Array, base: number, axis: number): void {
    const { x, xLast, first, last, min: mins, max: maxs, mean: sums, n, nonFinite } = this.#columns
    const low = records[base + at.low + axis * 2] ?? 0
    const high = records[base + at.high + axis * 2] ?? 0
    if (low < (x[bucket] ?? 0)) {
      x[bucket] = low
      first[bucket] = records[base + at.first] ?? 0
    }
    if (high >= (xLast[bucket] ?? 0)) {
      xLast[bucket] = high
      last[bucket] = records[base + at.last] ?? 0
    }
    const min = records[base + at.min] ?? 0
    const max = records[base + at.max] ?? 0
    if (min < (mins[bucket] ?? 0)) mins[bucket] = min
    if (max > (maxs[bucket] ?? 0)) maxs[bucket] = max
    sums[bucket] = (sums[bucket] ?? 0) + (records[base + at.sum] ?? 0)
    n[bucket] = (n[bucket] ?? 0) + (records[base + at.n] ?? 0)
    nonFinite[bucket] = (nonFinite[bucket] ?? 0) + (records[base + at.nonFinite] ?? 0)
  }

  /** Adds what was gathered in bucket `from` of other columns, whose ends lie elsewhere now. */
  addBucket(bucket: number, columns: BucketColumns, from: number, ends: BucketEnds): void {
    const own = this.#columns
    if (ends.x < (own.x[bucket] ?? 0)) {
      own.x[bucket] = ends.x
      own.first[bucket] = ends.first
    }
    if (ends.xLast >= (own.xLast[bucket] ?? 0)) {
      own.xLast[bucket] = ends.xLast
      own.last[bucket] = ends.last
    }
    const n = columns.n[from] ?? 0
    const nonFinite = columns.nonFinite[from] ?? 0
    own.n[bucket] = (own.n[bucket] ?? 0) + n
    own.nonFinite[bucket] = (own.nonFinite[bucket] ?? 0) + nonFinite
    if (n === nonFinite) return
    own.min[bucket] = Math.min(own.min[bucket] ?? 0, columns.min[from] ?? 0)
    own.max[bucket] = Math.max(own.max[bucket] ?? 0, columns.max[from] ?? 0)
    own.mean[bucket] = (own.mean[bucket] ?? 0) + (columns.mean[from] ?? 0) * (n - nonFinite)
  }

  /** The buckets that have points. Nothing can be added afterwards. */
  finish(): BucketColumns {
    const { n } = this.#columns
    let used = 0
    for (let bucket = 0; bucket < n.length; bucket += 1) if (n[bucket] !== 0) used += 1
    const out = makeColumns(used)
    let to = 0
    for (let bucket = 0; bucket < n.length; bucket += 1) {
      if (n[bucket] === 0) continue
      copyBucket(this.#columns, bucket, out, to)
      to += 1
    }
    spare = this.#columns
    return out
  }
}

/** First and last value of a bucket, by x and then by arrival; for points that arrived in order of x. */
function placeOrdered(
  columns: BucketColumns,
  bucket: number,
  xs: Float64Array,
  { values, from, until }: Stretch,
): void {
  const { x: lows, xLast: highs } = columns
  const low = xs[from] ?? 0
  const high = xs[until - 1] ?? 0
  if (low < (lows[bucket] ?? 0)) {
    lows[bucket] = low
    columns.first[bucket] = values[from] ?? 0
  }
  if (high >= (highs[bucket] ?? 0)) {
    highs[bucket] = high
    columns.last[bucket] = values[until - 1] ?? 0
  }
}

/** The same in any order. */
function placeEnds(
  { x: lows, xLast: highs, first: firsts, last: lasts }: BucketColumns,
  bucket: number,
  xs: Float64Array,
  { values, from, until }: Stretch,
): void {
  let low = lows[bucket] ?? 0
  let high = highs[bucket] ?? 0
  let first = -1
  let last = -1
  for (let point = from; point < until; point += 1) {
    const x = xs[point] ?? 0
    if (x < low) {
      low = x
      first = point
    }
    if (x >= high) {
      high = x
      last = point
    }
  }
  if (first >= 0) {
    lows[bucket] = low
    firsts[bucket] = values[first] ?? 0
  }
  if (last >= 0) {
    highs[bucket] = high
    lasts[bucket] = values[last] ?? 0
  }
}

function addValues(
  { min: mins, max: maxs, mean: sums, n, nonFinite }: BucketColumns,
  bucket: number,
  { values, from, until }: Stretch,
): void {
  let min = mins[bucket] ?? 0
  let max = maxs[bucket] ?? 0
  let sum = 0
  let odd = 0
  for (let point = from; point < until; point += 1) {
    const value = values[point] ?? 0
    if (value - value !== 0) {
      odd += 1
      continue
    }
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  mins[bucket] = min
  maxs[bucket] = max
  sums[bucket] = (sums[bucket] ?? 0) + sum
  n[bucket] = (n[bucket] ?? 0) + until - from
  nonFinite[bucket] = (nonFinite[bucket] ?? 0) + odd
}

type Stretch = { values: Float64Array; from: number; until: number }

function copyBucket(from: BucketColumns, bucket: number, out: BucketColumns, to: number): void {
  const n = from.n[bucket] ?? 0
  const nonFinite = from.nonFinite[bucket] ?? 0
  const known = n > nonFinite
  out.x[to] = from.x[bucket] ?? 0
  out.xLast[to] = from.xLast[bucket] ?? 0
  out.first[to] = from.first[bucket] ?? 0
  out.last[to] = from.last[bucket] ?? 0
  out.min[to] = known ? (from.min[bucket] ?? 0) : Number.NaN
  out.max[to] = known ? (from.max[bucket] ?? 0) : Number.NaN
  out.mean[to] = known ? (from.mean[bucket] ?? 0) / (n - nonFinite) : Number.NaN
  out.n[to] = n
  out.nonFinite[to] = nonFinite
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

/** Memory of the buckets filled last, to be used again. */
let spare: BucketColumns | undefined
