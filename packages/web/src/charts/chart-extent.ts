import type { Extent } from '@pilothouse/signals'
import type { SeriesBuffer } from './series-buffer.ts'

/** First and last x over all series, only positive ones when the axis is logarithmic; null when there is no point. */
export function extentOfX(buffers: readonly SeriesBuffer[], log = false): Extent | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { x, size } of buffers) {
    if (size === 0) continue
    min = Math.min(min, (log ? x.subarray(0, size).find((one) => one > 0) : x[0]) ?? min)
    max = Math.max(max, x[size - 1] ?? max)
  }
  return min <= max ? { min, max } : null
}

/** Lowest and highest finite value within `window`; only positive ones when the axis is logarithmic. */
export function extentOfY(buffers: readonly SeriesBuffer[], window: Extent, log: boolean): Extent | null {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { x, min, max, size } of buffers) {
    for (let at = 0; at < size; at += 1) {
      const place = x[at] ?? Number.NaN
      if (!(place >= window.min && place <= window.max)) continue
      const bottom = min[at] ?? Number.NaN
      const top = max[at] ?? Number.NaN
      if (Number.isFinite(bottom) && bottom < low && (!log || bottom > 0)) low = bottom
      if (Number.isFinite(top) && top > high && (!log || top > 0)) high = top
    }
  }
  return low <= high ? { min: low, max: high } : null
}

/** Of each line this share of its entries at either end is taken for outliers. */
const outlierShare = 0.02
/** Lines with fewer entries have none. */
const entriesMin = 10

/**
 * The extent of what is left of each line without the lowest and highest 2 % of its entries in `window` (at least one of
 * each, from ten entries on), over all lines. An entry is a point, or the mean of a bucket.
 */
export function extentOfBulk(buffers: readonly SeriesBuffer[], window: Extent, log: boolean): Extent | null {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { x, value, size } of buffers) {
    const isIn = (one: number, at: number): boolean => {
      const place = x[at] ?? Number.NaN
      return place >= window.min && place <= window.max && Number.isFinite(one) && (!log || one > 0)
    }
    const sorted = value.subarray(0, size).filter(isIn).sort()
    const cut = sorted.length < entriesMin ? 0 : Math.ceil((sorted.length - 1) * outlierShare)
    low = Math.min(low, sorted[cut] ?? low)
    high = Math.max(high, sorted[sorted.length - 1 - cut] ?? high)
  }
  return low <= high ? { min: low, max: high } : null
}
