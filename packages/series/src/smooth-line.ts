/**
 * A moving average beside the buckets of a line: at the last point of each bucket, the average over that point and all
 * before it, in order of (x, arrival), the k-th finite one back with the weight w^k (debiased, as in TensorBoard). So it
 * belongs to the point: whatever range and however many buckets are asked for, the same x has the same value. Points that
 * are not finite are passed over.
 *
 * An average forgets: all points further back than `countKept(w)` finite ones have together less than 1/1,000 of the weight.
 * So an answer is exact to 1/1,000 of the spread of the values if for each bucket only so many points are read, the window's
 * first ones lying before it: at most `points × (countKept(w) + 1,024)`, however long the series.
 *
 * Chunks that lie across one another (steps that were repeated) are put in order together. If those are more than
 * `togetherPointsMax`, the average is taken over the means of buckets instead.
 *
 * Measured on 2 cores, to 1,000 buckets, with them: 20,000 points 0.8 ms (0.5 without an average), a million 13 ms (1.2), ten
 * million 50 ms at a weight of 0.9, 55 ms at 0.99, 195 ms at 0.999 (7): docs/decisions/average-by-points.md.
 */
import type { BucketColumns, Points } from './buckets.ts'
import { at, stride } from './outline.ts'
import { exportPoints } from './export-points.ts'
import { isOrdered, listLine, type Piece, readCut, visitPoints, type Window } from './pieces.ts'
import type { Room } from './room.ts'
import type { Line } from './select-series.ts'
import type { Smoothing } from './types.ts'

const forgottenShare = 1e-3

/** Finite points, the newest included, beyond which an average of this weight has forgotten. */
export function countKept(weight: number): number {
  return weight > 0 ? Math.ceil(Math.log(forgottenShare) / Math.log(weight)) : 1
}

/**
 * Under «auto» a series is smoothed as 0.8 smooths 300 points; its length counts in powers of two, so that it seldom changes.
 * One that is smooth as it is, as a learning rate, stays so: an average would only delay it.
 */
const autoWeight = 0.8
const autoPoints = 300
/** An average of about 400 points; heavier ones read more and say no more than the mean of a bucket. */
const autoWeightMax = 0.995

export function chooseWeight(smooth: number | 'auto', total: number): number {
  if (smooth !== 'auto') return smooth
  const length = 2 ** Math.floor(Math.log2(Math.max(1, total)))
  return Math.min(autoWeightMax, autoWeight ** (autoPoints / length))
}

/** A curve that turns at less than this share of its points is smooth. */
const turnsMin = 0.12
const newestMax = 256

/** True when a curve goes to and fro so often that an average tells more than the curve. */
export function isNoisy(values: Float64Array): boolean {
  let turns = 0
  let before = 0
  for (let point = 1; point < values.length; point += 1) {
    const way = Math.sign((values[point] ?? Number.NaN) - (values[point - 1] ?? Number.NaN))
    if (way === 0 || Number.isNaN(way)) continue
    if (before !== 0 && way !== before) turns += 1
    before = way
  }
  return turns > values.length * turnsMin
}

/** Whatever part of a series is looked at, its newest points say whether it is noisy. */
async function readNewest(room: Room, { parts, group, source, key }: Line): Promise<Float64Array> {
  const series = parts.at(-1)?.series
  if (!series) return new Float64Array(0)
  const from = Math.max(0, series.total - newestMax)
  const selector = { group, branch: series.branch, source, keys: [key] }
  const found: number[] = []
  for await (const { values } of exportPoints(room, [selector], { from })) found.push(...values)
  return Float64Array.from(found)
}

export type Smoothed = { smoothed: Float64Array; smoothing: Smoothing }
/** The buckets of a line, and the pieces that they were made of. */
type Made = { window: Window; pieces: readonly Piece[]; columns: BucketColumns }

/** The average at the last point of each bucket. */
export async function smoothLine(room: Room, line: Line, { window, pieces, columns }: Made): Promise<Smoothed> {
  const total = line.parts.reduce((sum, { series }) => sum + series.total, 0)
  const isSmooth = window.smooth === 'auto' && !isNoisy(await readNewest(room, line))
  const average = new Average(isSmooth ? 0 : chooseWeight(window.smooth ?? 0, total))
  const all = await listLine(room, line, { ...window, from: -Infinity })
  const stretches = joinPieces(reusePieces(all, pieces, window.from), window, room.limits.togetherPointsMax)
  const ends = addUp(columns.n)
  const needed = await chooseNeeded(room, stretches, { window, ends, kept: countKept(average.weight) })
  const isTooMuch = needed.some(({ count }) => count === Infinity)
  const smoothed = isTooMuch
    ? smoothMeans(average, columns)
    : await smoothStretches(room, needed, { average, window, ends, columns })
  return { smoothed, smoothing: { weight: average.weight, mass: average.mass } }
}

/** Pieces that lie across one another, or one alone. */
type Stretch = {
  place: number
  pieces: Piece[]
  low: number
  high: number
  /** The highest place of its pieces in order of arrival. */
  arrival: number
  /** Points of the window before it. */
  before: number
  /** Its points; Infinity: too many to be put in order. */
  count: number
}

/** Takes those that the buckets were made of: what had to be read of them is known. */
function reusePieces(all: readonly Piece[], known: readonly Piece[], from: number): Piece[] {
  const name = ({ series, chunk }: Piece): string => `${series.id}/${chunk}`
  const cut = new Map(known.filter(({ points }) => points !== undefined).map((piece) => [name(piece), piece]))
  return all.map((piece) => (piece.low >= from && !piece.whole ? (cut.get(name(piece)) ?? piece) : piece))
}

/** In order of x. */
function joinPieces(pieces: readonly Piece[], { axis }: Window, countMax: number): Stretch[] {
  const order = pieces.map((piece, arrival) => ({ piece, arrival })).filter(({ piece }) => piece.count > 0)
  if (order.some(({ piece }, place) => piece.low < (order[place - 1]?.piece.low ?? -Infinity))) {
    order.sort((one, other) => one.piece.low - other.piece.low || one.arrival - other.arrival)
  }
  const stretches: Stretch[] = []
  let last: Stretch | undefined
  for (const { piece, arrival } of order) {
    const { low, high } = piece
    if (last && (low < last.high || (low === last.high && arrival < last.arrival))) {
      last.pieces.push(piece)
      last.high = Math.max(last.high, high)
      last.arrival = Math.max(last.arrival, arrival)
      continue
    }
    last = { place: stretches.length, pieces: [piece], low, high, arrival, before: 0, count: 0 }
    stretches.push(last)
  }
  const places = new Map(pieces.map((piece, arrival) => [piece, arrival]))
  for (const stretch of stretches) {
    const { pieces: own } = stretch
    if (own.length > 1) own.sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0))
    const count = own.reduce((sum, piece) => sum + piece.count, 0)
    const isTooMuch = count > countMax && (own.length > 1 || own.some((piece) => !isOrdered(piece, axis)))
    stretch.count = isTooMuch ? Infinity : count
  }
  return stretches
}

function addUp(counts: ArrayLike<number>): Float64Array {
  let sum = 0
  return Float64Array.from(counts, (count) => (sum += count))
}

type Wish = { window: Window; ends: Float64Array; kept: number }

/** The stretches in which a bucket ends, or which its average has not forgotten; from the last to the first. */
async function chooseNeeded(room: Room, stretches: readonly Stretch[], { window, ends, kept }: Wish) {
  const needed: Stretch[] = []
  let end = ends.length - 1
  let rank = ends[end] ?? 0
  let debt = 0
  for (const stretch of stretches.toReversed()) {
    if (rank === 0 && debt <= 0) break
    const isCut = stretch.low < window.from
    stretch.before = isCut ? 0 : rank - (await countExactly(room, stretch, window))
    const hasEnd = end >= 0 && (ends[end] ?? 0) > stretch.before
    if (hasEnd || debt > 0) needed.push(stretch)
    debt = hasEnd ? kept : debt > 0 ? debt - (await countFinite(room, stretch, window)) : 0
    while (end >= 0 && (ends[end] ?? 0) > stretch.before) end -= 1
    rank = stretch.before
  }
  return needed.reverse()
}

async function countExactly(room: Room, { pieces }: Stretch, { axis }: Window): Promise<number> {
  const unknown = pieces.filter(({ whole, points }) => !whole && !points)
  if (unknown.length > 0) await readCut(room, unknown, axis)
  return pieces.reduce((sum, { count }) => sum + count, 0)
}

async function countFinite(room: Room, stretch: Stretch, window: Window): Promise<number> {
  await countExactly(room, stretch, window)
  return stretch.pieces.reduce((sum, { index, chunk, whole, points, count }) => {
    if (points) return sum + points.values.subarray(0, points.length).filter(Number.isFinite).length
    return sum + (whole ? count - (index.records[chunk * stride + at.nonFinite] ?? 0) : 0)
  }, 0)
}

type Smoothable = { average: Average; window: Window; ends: Float64Array; columns: BucketColumns }

async function smoothStretches(
  room: Room,
  stretches: readonly Stretch[],
  { average, window, ends, columns }: Smoothable,
): Promise<Float64Array> {
  const smoothed = new Float64Array(ends.length)
  const owners = new Map(stretches.flatMap((stretch) => stretch.pieces.map((piece) => [piece, stretch])))
  let next = 0
  let place = Number.NaN
  let gathered: Points[] = []
  const goThrough = (stretch: Stretch, { xs, values, length }: Points): void => {
    if (stretch.place !== place + 1) average.forget()
    place = stretch.place
    let from = 0
    if (stretch.low < window.from) while (from < length && !((xs[from] ?? 0) >= window.from)) from += 1
    average.add(values, 0, from)
    let rank = stretch.before
    while (from < length) {
      const until = Math.min(length, from + (ends[next] ?? Infinity) - rank)
      average.add(values, from, until)
      rank += until - from
      from = until
      if (rank !== ends[next]) continue
      smoothed[next] = (columns.n[next] ?? 0) > (columns.nonFinite[next] ?? 0) ? average.value : Number.NaN
      next += 1
    }
  }
  const visit = (piece: Piece, points: Points): void => {
    const stretch = owners.get(piece)
    if (!stretch) return
    if (stretch.pieces.length === 1) return goThrough(stretch, sortPoints([points]))
    gathered.push({ ...points, xs: points.xs.slice(0, points.length), values: points.values.slice(0, points.length) })
    if (piece !== stretch.pieces.at(-1)) return
    goThrough(stretch, sortPoints(gathered))
    gathered = []
  }
  const pieces = stretches.flatMap((stretch) => stretch.pieces)
  await visitPoints(room, pieces, { axis: window.axis, needs: () => true, visit, pass: () => undefined })
  return smoothed
}

/** The same over the means of buckets, each with the weight of its points. */
function smoothMeans(average: Average, { mean, n, nonFinite }: BucketColumns): Float64Array {
  return Float64Array.from(mean, (value, bucket) => {
    average.addMany(value, (n[bucket] ?? 0) - (nonFinite[bucket] ?? 0))
    return Number.isFinite(value) ? average.value : Number.NaN
  })
}

class Average {
  readonly weight: number
  #sum = 0
  mass = 0

  constructor(weight: number) {
    this.weight = weight
  }

  get value(): number {
    return this.mass > 0 ? this.#sum / this.mass : Number.NaN
  }

  add(values: Float64Array, from: number, until: number): void {
    const { weight } = this
    let sum = this.#sum
    let { mass } = this
    for (let point = from; point < until; point += 1) {
      const value = values[point] ?? 0
      if (value - value !== 0) continue
      sum = sum * weight + value * (1 - weight)
      mass = mass * weight + (1 - weight)
    }
    this.#sum = sum
    this.mass = mass
  }

  /** The same value `times` times. */
  addMany(value: number, times: number): void {
    if (!Number.isFinite(value) || times <= 0) return
    const kept = this.weight ** times
    this.#sum = this.#sum * kept + value * (1 - kept)
    this.mass = this.mass * kept + (1 - kept)
  }

  forget(): void {
    this.#sum = 0
    this.mass = 0
  }
}

/** Points in order of (x, arrival); they come in order of arrival. */
function sortPoints(parts: readonly Points[]): Points {
  const [first] = parts
  if (first?.ordered && parts.length === 1) return first
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const all = { xs: new Float64Array(length), values: new Float64Array(length), length, ordered: true }
  let to = 0
  for (const part of parts) {
    all.xs.set(part.xs.subarray(0, part.length), to)
    all.values.set(part.values.subarray(0, part.length), to)
    to += part.length
  }
  const order = mergeRuns(all.xs)
  if (!order) return all
  const take = (column: Float64Array) => Float64Array.from(order, (place) => column[place] ?? 0)
  return { ...all, xs: take(all.xs), values: take(all.values) }
}

/** The order of ascending numbers, equal ones as they come; undefined if they are. Few long runs cost few passes. */
function mergeRuns(xs: Float64Array): Uint32Array | undefined {
  let starts = [0]
  for (let place = 1; place < xs.length; place += 1) if ((xs[place] ?? 0) < (xs[place - 1] ?? 0)) starts.push(place)
  if (starts.length === 1) return undefined
  let from = Uint32Array.from(xs, (_, place) => place)
  let into = new Uint32Array(xs.length)
  while (starts.length > 1) {
    for (let run = 0; run < starts.length; run += 2) {
      const start = starts[run] ?? 0
      const middle = starts[run + 1] ?? xs.length
      mergePair(xs, { from, into, start, middle, end: starts[run + 2] ?? xs.length })
    }
    starts = starts.filter((_, run) => run % 2 === 0)
    ;[from, into] = [into, from]
  }
  return from
}

type Pair = { from: Uint32Array; into: Uint32Array; start: number; middle: number; end: number }

function mergePair(xs: Float64Array, { from, into, start, middle, end }: Pair): void {
  let left = start
  let right = middle
  for (let to = start; to < end; to += 1) {
    const isRight = left >= middle || (right < end && (xs[from[right] ?? 0] ?? 0) < (xs[from[left] ?? 0] ?? 0))
    into[to] = from[isRight ? right : left] ?? 0
    if (isRight) right += 1
    else left += 1
  }
}
