/**
 * A line over the values of another one, its axis. Both are read over their steps, each in at most `unitsMax` units, and
 * put together by step (`placeOnAxis` of the contract). So the work is bounded whatever the lengths, and what is promised is:
 *
 *   - Up to `unitsMax` points of line and axis: the same as of a query over steps (query-series.ts), with x as placed;
 *     `count` is the exact number of points with a place within [from, to].
 *   - Longer ones: the buckets of the line by steps keep together, and the axis is known at their ends, so that a point is
 *     displaced by less than 1/20,000 of the steps. A range reads only the steps that may lie in it, and so shows more.
 *
 * A moving average goes along the steps, whatever the axis does: it is the one of the run at that moment.
 *
 * An axis need not rise: units are put in order of x, equal ones in order of step.
 *
 * A clock (read-clock.ts) is an axis by time instead of step: for points that only know when they were measured.
 */
import { type AxisPoints, type ClockPoints, placeInTime, placeOnAxis } from '@pilothouse/contract'
import { type BucketColumns, Buckets, Grid } from './buckets.ts'
import type { Window } from './pieces.ts'
import type { AxisNumber } from './outline.ts'
import { queryLine } from './query-series.ts'
import { readClock } from './read-clock.ts'
import type { Room } from './room.ts'
import type { Line } from './select-series.ts'
import type { SeriesBuckets } from './types.ts'

/** More than twice as many as a query may ask for. */
const unitsMax = 20_000

type Range = { from: number; to: number }
const everything: Range = { from: -Infinity, to: Infinity }

/** What tells where the points of a line lie, read once for all lines. */
export type PlacingAxis = {
  /** By which of their columns points are placed. */
  readonly by: AxisNumber
  /** The part of that column that may lie in `range`, and the way from it to x; undefined where nothing does. */
  open: (range: Range) => Promise<{ span: Range; place: (column: ArrayLike<number>) => Float64Array } | undefined>
}

/** Steps or epochs by time. */
export class ClockAxis implements PlacingAxis {
  readonly by = 1
  readonly #points: () => Promise<ClockPoints>
  #read: Promise<ClockPoints> | undefined

  constructor(room: Room, line: Line, column: AxisNumber) {
    this.#points = async () => readClock(room, line, column)
  }

  async open(range: Range) {
    const clock = await (this.#read ??= this.#points())
    const whole = range.from === -Infinity && range.to === Infinity
    const span = whole ? everything : findSteps({ steps: clock.times, values: clock.values }, range)
    return span && { span, place: (times: ArrayLike<number>) => placeInTime(times, clock) }
  }
}

/** The line that is the axis of others. */
export class AxisLine implements PlacingAxis {
  readonly by = 0
  readonly line: Line
  readonly #room: Room
  #whole: Promise<AxisPoints> | undefined
  #near: Promise<AxisPoints> | undefined

  constructor(room: Room, line: Line) {
    this.#room = room
    this.line = line
  }

  async open(range: Range) {
    const whole = await (this.#whole ??= this.#read(everything))
    const isAll = range.from === -Infinity && range.to === Infinity
    const span = isAll ? everything : findSteps(whole, range)
    if (!span) return undefined
    const points = isAll || whole.steps.length < unitsMax ? whole : await (this.#near ??= this.#read(span))
    return { span, place: (steps: ArrayLike<number>) => placeOnAxis(steps, points) }
  }

  async #read({ from, to }: Range): Promise<AxisPoints> {
    return spreadUnits(await queryLine(this.#room, this.line, { axis: 0, from, to, points: unitsMax }))
  }
}

/** One line in at most `window.points` buckets over the values of `axis`; empty without one. */
export async function queryLineOver(
  room: Room,
  line: Line,
  axis: PlacingAxis | undefined,
  window: Window,
): Promise<SeriesBuckets> {
  const opened = await axis?.open(window)
  const span = opened?.span ?? { from: Infinity, to: -Infinity }
  const found = await queryLine(room, line, { axis: axis?.by ?? 0, ...span, points: unitsMax, smooth: window.smooth })
  const units = opened ? placeUnits(found, opened.place, window) : []
  const count = units.reduce((sum, { at }) => sum + (found.n[at] ?? 0), 0)
  return { ...found, count, ...gatherUnits(found, units, window.points) }
}

/** A bucket of the line by steps or times, with its ends on the axis. */
type Unit = { at: number; x: number; xLast: number; first: number; last: number }

function placeUnits(
  found: BucketColumns,
  place: (column: ArrayLike<number>) => Float64Array,
  { from, to }: Range,
): Unit[] {
  const begins = place(found.x)
  const ends = place(found.xLast)
  const units: Unit[] = []
  for (let at = 0; at < begins.length; at += 1) {
    const single = found.n[at] === 1
    const begin = begins[at] ?? Number.NaN
    const end = single ? begin : (ends[at] ?? Number.NaN)
    const x = Number.isNaN(begin) ? end : begin
    const xLast = Number.isNaN(end) ? begin : end
    if (!(x >= from && x <= to)) continue
    const first = found.first[at] ?? 0
    const last = found.last[at] ?? 0
    units.push(xLast < x ? { at, x: xLast, xLast: x, first: last, last: first } : { at, x, xLast, first, last })
  }
  return units.sort((one, other) => one.x - other.x || one.at - other.at)
}

function gatherUnits(found: SeriesBuckets, units: readonly Unit[], points: number) {
  const [low = 0, high = 0] = [units[0]?.x, units.at(-1)?.x]
  const grid = units.length > points ? new Grid(low, high, points) : undefined
  const buckets = new Buckets(grid ?? new Grid(0, 1, units.length))
  const averages = new Map<number, number>()
  units.forEach((unit, place) => {
    const bucket = grid?.find(unit.x) ?? place
    buckets.addBucket(bucket, found, unit.at, unit)
    const average = found.smoothed?.[unit.at] ?? Number.NaN
    if (!averages.has(bucket) || !Number.isNaN(average)) averages.set(bucket, average)
  })
  // Units come in order of x, so the buckets that have points stand in the order in which they were met.
  const smoothed = found.smoothed ? { smoothed: Float64Array.from(averages.values()) } : {}
  return { ...buckets.finish(), ...smoothed }
}

/** The two ends of each unit; a single point once. */
function spreadUnits({ x, xLast, first, last, n }: SeriesBuckets): AxisPoints {
  const steps: number[] = []
  const values: number[] = []
  for (let at = 0; at < x.length; at += 1) {
    steps.push(x[at] ?? 0)
    values.push(first[at] ?? 0)
    if (n[at] === 1) continue
    steps.push(xLast[at] ?? 0)
    values.push(last[at] ?? 0)
  }
  return { steps, values }
}

/** From the first to the last step between which the axis may be in the range; undefined when it never is. */
function findSteps({ steps, values }: AxisPoints, { from, to }: Range): Range | undefined {
  let first = -1
  let last = -1
  for (let at = 0; at < steps.length; at += 1) {
    const one = values[at] ?? Number.NaN
    const other = values[at + 1] ?? one
    const reaches = !(Math.max(one, other) < from) && !(Math.min(one, other) > to)
    if (!reaches) continue
    if (first < 0) first = at
    last = at
  }
  return first < 0 ? undefined : { from: steps[first] ?? 0, to: steps[last + 1] ?? Infinity }
}
