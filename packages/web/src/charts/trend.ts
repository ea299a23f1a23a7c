import type { SeriesBuffer } from './series-buffer.ts'

export type Trend = 'up' | 'down' | 'flat'

/** Less than this share of the whole spread is no movement. */
const flatShare = 0.01

/**
 * Where a series is going: the mean of its newest tenth (at most 40 entries) against that of the tenth before. Null when
 * there are not two values to compare.
 */
export function readTrend({ value, size }: SeriesBuffer): Trend | null {
  const span = Math.max(1, Math.min(40, Math.floor(size / 10)))
  const recent = meanOf(value, size - span, size)
  const earlier = meanOf(value, size - 2 * span, size - span)
  if (recent === null || earlier === null) return null
  const finite = value.subarray(0, size).filter(Number.isFinite)
  const spread =
    finite.reduce((max, one) => Math.max(max, one), -Infinity) -
    finite.reduce((min, one) => Math.min(min, one), Infinity)
  if (Math.abs(recent - earlier) <= spread * flatShare) return 'flat'
  return recent > earlier ? 'up' : 'down'
}

function meanOf(values: Float64Array, from: number, to: number): number | null {
  let sum = 0
  let count = 0
  for (let at = Math.max(0, from); at < to; at += 1) {
    const value = values[at] ?? Number.NaN
    if (!Number.isFinite(value)) continue
    sum += value
    count += 1
  }
  return count === 0 ? null : sum / count
}
