/**
 * A curve of any length in bounded room: each value stands for `stride` points in a row, by their mean. When it is full,
 * neighbours are merged and each stands for twice as many.
 */
import { curvePointsMax } from '../top-state.ts'

export type ThinCurve = {
  times: readonly number[]
  values: readonly number[]
  stride: number
  /** The value under way. */
  open: { count: number; sum: number; at: number }
}

export const emptyCurve: ThinCurve = { times: [], values: [], stride: 1, open: { count: 0, sum: 0, at: 0 } }

/** Takes one point in; the curve given stays as it was. What is not finite is a gap that nobody sees. */
export function addPoint(curve: ThinCurve, at: number, value: number): ThinCurve {
  if (!Number.isFinite(value)) return curve
  const open = { count: curve.open.count + 1, sum: curve.open.sum + value, at }
  if (open.count < curve.stride) return { ...curve, open }
  const times = [...curve.times, at]
  const values = [...curve.values, open.sum / open.count]
  const closed = { times, values, stride: curve.stride, open: emptyCurve.open }
  return values.length < curvePointsMax ? closed : halve(closed)
}

/** Its points with the one under way. */
export function readCurve({ times, values, open }: ThinCurve): { times: number[]; values: number[] } {
  if (open.count === 0) return { times: [...times], values: [...values] }
  return { times: [...times, open.at], values: [...values, open.sum / open.count] }
}

/** A curve over steps as one over time: its last step was at `until`, step 0 at `since`, ms. */
export function spreadCurve(curve: ThinCurve, since: number, until: number): ThinCurve {
  const last = Math.max(...curve.times, curve.open.at)
  const place = (step: number): number => (last > 0 ? since + ((until - since) * step) / last : until)
  return { ...curve, times: curve.times.map(place), open: { ...curve.open, at: place(curve.open.at) } }
}

function halve({ times, values, stride, open }: ThinCurve): ThinCurve {
  const pairs = Math.floor(values.length / 2)
  return {
    times: Array.from({ length: pairs }, (_, at) => times[2 * at + 1] ?? 0),
    values: Array.from({ length: pairs }, (_, at) => ((values[2 * at] ?? 0) + (values[2 * at + 1] ?? 0)) / 2),
    stride: stride * 2,
    open,
  }
}
