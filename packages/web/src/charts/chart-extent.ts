import type { Extent } from '@pilothouse/signals'
import type { SeriesBuffer } from './series-buffer.ts'

/** First and last x over all series; null when there is no point. */
export function extentOfX(buffers: readonly SeriesBuffer[]): Extent | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { x, size } of buffers) {
    if (size === 0) continue
    min = Math.min(min, x[0] ?? min)
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
