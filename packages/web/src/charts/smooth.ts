/**
 * Debiased exponential moving average. `weights` are the points that each value stands for, so that a bucket of a
 * thousand points pulls as hard as they would one by one. Values that are not finite are passed over: the average goes
 * on behind them as if they had not been.
 * @param factor in [0, 1): the share of the past that a single point leaves. 0 changes nothing.
 */
export function smoothInto(
  target: Float64Array,
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  { size, factor }: { size: number; factor: number },
): void {
  let sum = 0
  let mass = 0
  for (let at = 0; at < size; at += 1) {
    const value = values[at] ?? Number.NaN
    if (Number.isFinite(value)) {
      const kept = factor ** Math.max(1, weights[at] ?? 1)
      sum = sum * kept + value * (1 - kept)
      mass = mass * kept + (1 - kept)
    }
    target[at] = mass > 0 && Number.isFinite(value) ? sum / mass : Number.NaN
  }
}
