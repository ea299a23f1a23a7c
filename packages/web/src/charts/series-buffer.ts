import type { AxisPoints, ClockPoints, MetricSeries, Smoothing, WireValue, XAxis } from '@pilothouse/contract'
import { keyOfAxis, placeInTime, placeOnAxis } from '@pilothouse/contract/wire'

/** What a live event brings for one series. */
export type LivePoints = {
  from: number
  steps: readonly number[]
  times: readonly number[]
  epochs: readonly (number | null)[]
  values: readonly WireValue[]
}

/**
 * What tells where live points lie besides what they bring: the zero of «relative», the metric that is the axis, and for
 * points that only know their time, when the job was where.
 */
export type LivePlace = { origin: number; along?: AxisPoints | undefined; clock?: ClockPoints | undefined }
const nowhere: AxisPoints = { steps: [], values: [] }

/** Live points beyond this number make the buffer ask for a fresh snapshot, which is again as wide as the chart. */
export const tailPointsMax = 1_500

/**
 * One series as a chart draws it: the buckets of a snapshot, and behind them the live points one by one. Columns are
 * preallocated and grow by doubling; nothing here is React state.
 */
export class SeriesBuffer {
  readonly key: string
  readonly source: string
  /** Which of several jobs in one picture it belongs to (overlay.ts); empty where there is one. */
  readonly member: string
  branch = 0
  /** Points of the series on the server that this buffer knows of. */
  total = 0
  /** Entries in the columns. */
  size = 0
  /** Entries that came live since the last snapshot. */
  tail = 0
  /** Grows whenever entries that were there become others; what only came behind them leaves it as it is. */
  edition = 0
  x = new Float64Array(0)
  value = new Float64Array(0)
  min = new Float64Array(0)
  max = new Float64Array(0)
  /** Non-finite points among them. */
  bad = new Float64Array(0)
  /** The moving average behind an entry's last point, which lies at `xLast`; the server takes it, live points go on with it. */
  smoothed = new Float64Array(0)
  xLast = new Float64Array(0)
  #smoothing: Smoothing = { weight: 0, mass: 0 }
  #average = Number.NaN

  constructor(key: string, source: string, member = '') {
    this.key = key
    this.source = source
    this.member = member
  }

  /** It was put together from other series, and has no points of its own. */
  isMean = false

  get isSmoothed(): boolean {
    return this.#smoothing.weight > 0
  }

  /** Replaces everything by a snapshot. */
  load(series: MetricSeries): void {
    const buckets = series.x.length
    this.branch = series.branch
    this.total = series.total
    this.edition += 1
    this.size = 0
    this.tail = 0
    this.#smoothing = { ...(series.smoothing ?? { weight: 0, mass: 0 }) }
    this.#average = Number.NaN
    this.#reserve(buckets + 1)
    for (let at = 0; at < buckets; at += 1) this.#pushBucket(series, at, buckets)
  }

  /** Replaces everything by entries that were put together from other series. */
  fill(entries: readonly Entry[], { total, isSmoothed }: { total: number; isSmoothed: boolean }): void {
    this.isMean = true
    this.total = total
    this.edition += 1
    this.size = 0
    this.#smoothing = { weight: isSmoothed ? 0.5 : 0, mass: 0 }
    this.#reserve(entries.length)
    for (const entry of entries) this.#put(this.size, entry)
  }

  /**
   * Adds live points. Those that the buffer has are passed over.
   * @returns false when points between are missing: take a snapshot.
   */
  append(points: LivePoints, axis: XAxis, place: LivePlace): boolean {
    if (points.from > this.total) return false
    const placed = placePoints(points, axis, place)
    const skip = this.total - points.from
    this.#reserve(this.size + points.values.length)
    for (let at = skip; at < points.values.length; at += 1) {
      const x = placed ? (placed[at] ?? Number.NaN) : readX(points, at, axis, place.origin)
      this.total += 1
      if (Number.isFinite(x)) this.#insert(x, Number(points.values[at]))
    }
    return true
  }

  /** True when the tail has grown so long that a snapshot is due. */
  isLong(): boolean {
    return this.tail > tailPointsMax
  }

  /** Entry whose x is nearest to `x`; -1 when there is none. */
  nearest(x: number): number {
    if (this.size === 0) return -1
    const right = Math.min(this.size - 1, this.#lowerBound(x))
    if (right === 0) return 0
    const left = right - 1
    return x - at(this.x, left) <= at(this.x, right) - x ? left : right
  }

  /** First entry at or right of `x`. */
  #lowerBound(x: number): number {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >> 1
      if (at(this.x, middle) < x) low = middle + 1
      else high = middle
    }
    return low
  }

  #pushBucket(series: MetricSeries, index: number, buckets: number): void {
    const first = at(series.x, index)
    const last = at(series.xLast, index)
    const count = at(series.n, index)
    if (!Number.isFinite(first)) return
    const isEnd = index === buckets - 1 && count > 1
    const bad = at(series.nonFinite, index)
    const smoothed = series.smoothed ? at(series.smoothed, index) : Number.NaN
    if (Number.isFinite(smoothed)) this.#average = smoothed
    this.#put(this.size, {
      x: isEnd ? first : (first + last) / 2,
      value: count === 1 ? at(series.last, index) : at(series.mean, index),
      min: at(series.min, index),
      max: at(series.max, index),
      bad,
      smoothed,
      xLast: last,
    })
    // The line ends at the newest value, not at the mean of its bucket.
    if (isEnd) this.#put(this.size, makePoint(last, at(series.last, index), smoothed))
  }

  /** The average goes on in order of arrival. */
  #addToAverage(value: number): number {
    const { weight, mass } = this.#smoothing
    if (weight === 0 || !Number.isFinite(value)) return Number.NaN
    const sum = (Number.isFinite(this.#average) ? this.#average * mass : 0) * weight + value * (1 - weight)
    this.#smoothing.mass = mass * weight + (1 - weight)
    this.#average = sum / this.#smoothing.mass
    return this.#average
  }

  /** Points mostly arrive in order; one that steps back is put where it belongs. */
  #insert(x: number, value: number): void {
    let place = this.size
    while (place > 0 && at(this.x, place - 1) > x) place -= 1
    if (place < this.size) {
      this.edition += 1
      for (const column of this.#columns()) column.copyWithin(place + 1, place, this.size)
    }
    this.tail += 1
    this.#put(place, makePoint(x, value, this.#addToAverage(value)))
  }

  #put(place: number, entry: Entry): void {
    for (const name of columnNames) this[name][place] = entry[name]
    this.size += 1
  }

  #columns(): Float64Array[] {
    return columnNames.map((name) => this[name])
  }

  #reserve(entries: number): void {
    if (entries < this.x.length) return
    const capacity = Math.max(256, 2 ** Math.ceil(Math.log2(entries + 1)))
    for (const name of columnNames) this[name] = grow(this[name], capacity)
  }
}

const columnNames = ['x', 'xLast', 'value', 'min', 'max', 'bad', 'smoothed'] as const
export type Entry = Record<(typeof columnNames)[number], number>

function makePoint(x: number, value: number, smoothed: number): Entry {
  return { x, xLast: x, value, min: value, max: value, bad: Number.isFinite(value) ? 0 : 1, smoothed }
}

/** x of all points where something else tells it. */
function placePoints({ steps, times }: LivePoints, axis: XAxis, { along, clock }: LivePlace): Float64Array | undefined {
  if (clock) return placeInTime(times, clock)
  return keyOfAxis(axis) === undefined ? undefined : placeOnAxis(steps, along ?? nowhere)
}

function readX(points: LivePoints, index: number, axis: XAxis, origin: number): number {
  if (axis === 'epoch') return points.epochs[index] ?? Number.NaN
  if (axis === 'wall') return points.times[index] ?? Number.NaN
  if (axis === 'relative') return (points.times[index] ?? Number.NaN) - origin
  return points.steps[index] ?? Number.NaN
}

function grow(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity)
  larger.set(column)
  return larger
}

function at(column: ArrayLike<number>, index: number): number {
  return column[index] ?? Number.NaN
}
