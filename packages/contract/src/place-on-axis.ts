/**
 * Where points lie when another metric is their x axis. Points know that metric by their step, as the rows of W&B do:
 *
 *   - logged in the same call: the value of that call (as many of one as of the other at a step: each its own);
 *   - logged apart at the same step: the last value there;
 *   - none at that step: the last number before it;
 *   - NaN or infinite at that step, or nothing yet: nowhere.
 */

/** Points of the metric that is the axis, in order of step, equal ones in order of arrival. */
export type AxisPoints = { steps: ArrayLike<number>; values: ArrayLike<number> }

/** x of the points with these steps, which ascend; NaN where one has none. */
export function placeOnAxis(steps: ArrayLike<number>, axis: AxisPoints): Float64Array {
  const xs = new Float64Array(steps.length)
  let carried = Number.NaN
  let next = 0
  for (let from = 0; from < steps.length;) {
    const step = steps[from] ?? Number.NaN
    const until = findEnd(steps, from)
    for (; next < axis.steps.length && (axis.steps[next] ?? 0) < step; next += 1)
      carried = keepNumber(axis, next, carried)
    const end = axis.steps[next] === step ? findEnd(axis.steps, next) : next
    const pairs = end - next === until - from
    for (let point = from; point < until; point += 1) {
      const partner = pairs ? next + point - from : end - 1
      xs[point] = end > next ? finiteOrNaN(axis.values[partner]) : carried
    }
    from = until
  }
  return xs
}

/** Behind the last of those that have the same step as the one at `from`. */
function findEnd(steps: ArrayLike<number>, from: number): number {
  let until = from + 1
  while (until < steps.length && steps[until] === steps[from]) until += 1
  return until
}

function keepNumber({ values }: AxisPoints, at: number, before: number): number {
  const value = values[at] ?? Number.NaN
  return Number.isFinite(value) ? value : before
}

function finiteOrNaN(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : Number.NaN
}
