/** A curve is smoothed as if it had at most so many points: then the same factor looks the same on a short and a long run. */
const pointsAtFullWidth = 300

/**
 * Debiased exponential moving average. `weights` are the points that each value stands for, so that a bucket of a
 * thousand points pulls as hard as they would one by one. Values that are not finite are passed over: the average goes
 * on behind them as if they had not been.
 * @param factor in [0, 1): the share of the past that one point leaves. 0 changes nothing.
 */
export function smoothInto(
  target: Float64Array,
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  { size, factor }: { size: number; factor: number },
): void {
  const share = Math.min(1, pointsAtFullWidth / sumOf(weights, size))
  let sum = 0
  let mass = 0
  for (let at = 0; at < size; at += 1) {
    const value = values[at] ?? Number.NaN
    if (Number.isFinite(value)) {
      const kept = factor ** (share * Math.max(1, weights[at] ?? 1))
      sum = sum * kept + value * (1 - kept)
      mass = mass * kept + (1 - kept)
    }
    target[at] = mass > 0 && Number.isFinite(value) ? sum / mass : Number.NaN
  }
}

function sumOf(weights: ArrayLike<number>, size: number): number {
  let sum = 0
  for (let at = 0; at < size; at += 1) sum += Math.max(1, weights[at] ?? 1)
  return sum
}

/** A curve that turns at less than this share of its entries is smooth as it is, as a learning rate: averaging would only delay it. */
const turnsMin = 0.12

/** True when a curve goes to and fro so often that an average tells more than the curve. */
export function isNoisy(values: ArrayLike<number>, size: number): boolean {
  let turns = 0
  let before = 0
  for (let at = 1; at < size; at += 1) {
    const way = Math.sign((values[at] ?? Number.NaN) - (values[at - 1] ?? Number.NaN))
    if (way === 0 || Number.isNaN(way)) continue
    if (before !== 0 && way !== before) turns += 1
    before = way
  }
  return turns > size * turnsMin
}
