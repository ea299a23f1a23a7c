/** The curves of a group of jobs as one: their mean, with a band of how far they lie apart. */
import { SeriesBuffer, type Entry } from './series-buffer.ts'

/** `range` = from the lowest to the highest job, `sd` = one standard deviation of the sample to each side. */
export type Band = 'range' | 'sd'

export type AverageOptions = {
  /** Which member the mean stands for. */
  member: string
  band: Band
  /** Its smoothed line will be drawn, so that the band is one of smoothed lines. */
  isSmoothed: boolean
}

/** Places of a mean; jobs that were asked for so many buckets each, at places of their own, share these. */
const placesMax = 2_000

/**
 * Pure. At every place where a job has an entry, thinned evenly where there are too many. Between two of its entries a job
 * counts with the straight line between them; before its first and behind its last it has no value, and next to a value
 * that is not finite neither. The mean is of those that have one, so it may step where a job begins or ends.
 */
export function averageJobs(
  buffers: readonly SeriesBuffer[],
  { member, band, isSmoothed }: AverageOptions,
): SeriesBuffer {
  const places = listPlaces(buffers)
  const values = buffers.map(({ x, value, size }) => interpolate({ xs: x, ys: value, size }, places))
  const lines = isSmoothed
    ? buffers.map(({ x, xLast, smoothed, size }) =>
        interpolate({ xs: size > 0 ? xLast : x, ys: smoothed, size }, places),
      )
    : values
  const bad = markBad(buffers, places)
  const entries = places.map((x, at): Entry => {
    const value = meanOf(take(values, at))
    const spread = take(lines, at)
    const smoothed = isSmoothed ? meanOf(spread) : Number.NaN
    const [min, max] = bandOf(spread, band)
    return { x, xLast: x, value, min, max, bad: bad[at] ?? 0, smoothed }
  })
  const first = buffers[0]
  const mean = new SeriesBuffer(first?.key ?? '', first?.source ?? '', member)
  mean.fill(entries, { total: buffers.reduce((most, { total }) => Math.max(most, total), 0), isSmoothed })
  return mean
}

/** Every place of any of them, in order; of too many each so-manieth, and the last. */
function listPlaces(buffers: readonly SeriesBuffer[]): number[] {
  const all = new Float64Array(buffers.reduce((sum, { size }) => sum + size, 0))
  let length = 0
  for (const { x, size } of buffers) {
    all.set(x.subarray(0, size), length)
    length += size
  }
  const places = [...all.filter(Number.isFinite).sort()].filter((x, at, sorted) => x !== sorted[at - 1])
  const every = Math.ceil(places.length / placesMax)
  return every <= 1 ? places : places.filter((_, at) => at % every === 0 || at === places.length - 1)
}

type Line = { xs: Float64Array; ys: Float64Array; size: number }

/** Values of a line at ascending places; NaN outside of it, and between two of which one is not finite. */
function interpolate({ xs, ys, size }: Line, places: readonly number[]): Float64Array {
  const found = new Float64Array(places.length).fill(Number.NaN)
  let at = 0
  places.forEach((place, to) => {
    while (at < size - 1 && (xs[at + 1] ?? 0) <= place) at += 1
    const [left, right] = [xs[at] ?? Number.NaN, xs[at + 1] ?? Number.NaN]
    const [from, until] = [ys[at] ?? Number.NaN, ys[at + 1] ?? Number.NaN]
    if (left === place) found[to] = from
    else if (left < place && at < size - 1) found[to] = from + ((until - from) * (place - left)) / (right - left)
  })
  return found
}

/** A value that was not finite stays to be seen, at the place nearest to it. */
function markBad(buffers: readonly SeriesBuffer[], places: readonly number[]): Float64Array {
  const marks = new Float64Array(places.length)
  for (const { x, bad, size } of buffers)
    for (let at = 0; at < size; at += 1) if ((bad[at] ?? 0) > 0) marks[findNearest(places, x[at] ?? 0)] = 1
  return marks
}

function findNearest(places: readonly number[], x: number): number {
  let [low, high] = [0, places.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] ?? 0) < x) low = middle + 1
    else high = middle
  }
  const before = places[low - 1]
  return before !== undefined && x - before < (places[low] ?? 0) - x ? low - 1 : low
}

function take(lines: readonly Float64Array[], at: number): number[] {
  return lines.map((line) => line[at] ?? Number.NaN).filter(Number.isFinite)
}

function bandOf(values: readonly number[], band: Band): [number, number] {
  if (values.length === 0) return [Number.NaN, Number.NaN]
  if (band === 'range') return [Math.min(...values), Math.max(...values)]
  const mean = meanOf(values)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const sd = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0
  return [mean - sd, mean + sd]
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length
}
