/**
 * Scales that stand still for a while: a picture whose scales would move a little with every point is not drawn anew for each,
 * but goes on where its lines end.
 */
import type { Extent } from '@pilothouse/signals'

/** A line that grows is given so much room ahead, as a share of the window. */
const aheadShare = 0.01
/** Points beyond the window by more than this share of it are no growth: something else is shown. */
const growthMax = 0.1
/** So much of its length a y axis may be off where it would lie by itself; it has 6 % of air on either side. */
const yShare = 0.04
/** The same of a logarithmic axis, whose air is 0.04 decades. */
const yDecades = 0.025

/** The window over all points. As it is at first; when they have grown out of it, with some room ahead. */
export function holdEnd(held: Extent | undefined, points: Extent): Extent {
  if (!held || held.min !== points.min) return points
  const room = aheadShare * (points.max - points.min)
  const over = points.max - held.max
  if (over <= 0) return -over <= 2 * room ? held : points
  return over <= growthMax * (held.max - held.min) ? { min: points.min, max: points.max + room } : points
}

/** A window of one length that moves along with its end. */
export function holdMoving(held: Extent | undefined, window: Extent): Extent {
  const size = window.max - window.min
  const room = aheadShare * size
  if (!held || Math.abs(held.max - held.min - size) > 1e-6 * size) return window
  const over = window.max - held.max
  if (over <= 0) return -over <= 2 * room ? held : window
  return over <= growthMax * size ? { min: window.max + room - size, max: window.max + room } : window
}

/** The y axis: stays while the one that the points ask for lies hardly elsewhere. */
export function holdAxis(held: Extent | undefined, wanted: Extent, log: boolean): Extent {
  if (!held) return wanted
  const place = (value: number): number => (log ? Math.log10(value) : value)
  const offMax = log ? yDecades : yShare * (wanted.max - wanted.min)
  const isNear = (one: number, other: number): boolean => Math.abs(place(one) - place(other)) <= offMax
  return isNear(held.min, wanted.min) && isNear(held.max, wanted.max) ? held : wanted
}
