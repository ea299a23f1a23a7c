/**
 * Where points lie that know the time but not how far the training was: what is measured of machines, over steps or epochs.
 * The clock says when which step was logged.
 *
 *   - between two steps: between them, by time;
 *   - within a pause, which takes much longer than those steps usually do: at the step before it, until the last moment in
 *     which the training could have gone on at its usual pace;
 *   - where the next step is an earlier one (a restart from a checkpoint): at the step before, until the earlier one comes;
 *   - before the first step: nowhere;
 *   - after the last one: at the last one.
 */

/** Values of a step or an epoch with their times, which ascend. */
export type ClockPoints = { times: ArrayLike<number>; values: ArrayLike<number> }

/** A stretch is a pause when it takes so many times as long as usual, and so many ms. */
const pauseFactor = 6
const pauseMsMin = 15_000
/** The usual pace is the median of so many stretches, and unknown with fewer than the least. */
const samplesMax = 255
const samplesMin = 4

/** x of the points with these times; NaN where one has none. */
export function placeInTime(times: ArrayLike<number>, clock: ClockPoints): Float64Array {
  const xs = new Float64Array(times.length)
  const pace = findPace(clock)
  for (let point = 0; point < times.length; point += 1) {
    const time = times[point] ?? Number.NaN
    const next = countUpTo(clock.times, time)
    xs[point] = next === 0 ? Number.NaN : placeBetween(clock, { time, next, pace })
  }
  return xs
}

type Place = { time: number; next: number; pace: number }

function placeBetween({ times, values }: ClockPoints, { time, next, pace }: Place): number {
  const [start = 0, end = Number.NaN] = [times[next - 1], times[next]]
  const [from = Number.NaN, to = from] = [values[next - 1], values[next]]
  if (!(to > from)) return from
  const usualMs = pace * (to - from)
  const isPause = end - start > Math.max(pauseMsMin, pauseFactor * usualMs)
  const begin = isPause ? end - usualMs : start
  return time <= begin ? from : from + ((to - from) * (time - begin)) / (end - begin)
}

/** ms that one step usually takes; NaN when nobody can tell. */
function findPace({ times, values }: ClockPoints): number {
  const paces: number[] = []
  const stride = Math.max(1, Math.floor(times.length / samplesMax))
  for (let at = 1; at < times.length; at += stride) {
    const rise = (values[at] ?? 0) - (values[at - 1] ?? 0)
    if (rise > 0) paces.push(((times[at] ?? 0) - (times[at - 1] ?? 0)) / rise)
  }
  if (paces.length < samplesMin) return Number.NaN
  return paces.sort((one, other) => one - other)[paces.length >> 1] ?? Number.NaN
}

/** How many of the ascending times are at `time` or before. */
function countUpTo(times: ArrayLike<number>, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= time) low = middle + 1
    else high = middle
  }
  return low
}
