/** Forms that a curve may have, each a + b·g(step), and how they are fitted to what came before a fork. */

export type TrendModel = {
  form: 'level' | 'line' | 'logarithm' | 'exponential' | 'power'
  /** g at each bin, from before the change and from after it. Empty for a level. */
  basis: readonly number[]
  /** Newest share of the bins before a fork that it is fitted to. */
  share: number
}

export type Fit = {
  a: number
  b: number
  /** First bin that it is fitted to, how many these are, and where they lie: mean of g, sum of (g − mean)². */
  from: number
  count: number
  mean: number
  spread: number
}

/** Newest shares of a level and of a line: a curve that wanders is best told from what is near. */
const levelShares = [0.08, 0.25, 1]
const lineShares = [0.4, 1]
/** Time constants, offsets and exponents, in units of the window before the change. */
const logarithmOffset = 0.05
const timeConstants = [0.1, 0.25, 0.5, 1]
const powerOffsets = [0.03, 0.2]
const exponents = [0.5, 1]
const roundsMax = 3
/** Huber's bound in standard deviations, of which the median absolute deviation is 1 / 1.4826. */
const huberBound = 1.345 * 1.4826

/** `steps` of all bins, of which the first `countBefore` come before the change. */
export function listModels(steps: readonly number[], countBefore: number): TrendModel[] {
  const first = steps[0] ?? 0
  const span = (steps[countBefore - 1] ?? 0) - first || 1
  const xs = steps.map((step) => (step - first) / span)
  return [
    ...levelShares.map((share): TrendModel => ({ form: 'level', basis: [], share })),
    ...lineShares.map((share): TrendModel => ({ form: 'line', basis: xs, share })),
    { form: 'logarithm', basis: xs.map((x) => Math.log(x + logarithmOffset)), share: 1 },
    ...timeConstants.map((tau): TrendModel => ({
      form: 'exponential',
      basis: xs.map((x) => Math.exp(-x / tau)),
      share: 1,
    })),
    ...powerOffsets.flatMap((offset) =>
      exponents.map((alpha): TrendModel => ({ form: 'power', basis: xs.map((x) => (x + offset) ** -alpha), share: 1 })),
    ),
  ]
}

/** Least squares over the newest share of the bins before `fork`, with Huber's weights (Huber 1964). */
export function fitModel({ basis, share }: TrendModel, values: ArrayLike<number>, fork: number): Fit {
  const least = basis.length > 0 ? 4 : 1
  const count = Math.max(Math.min(least, fork), Math.round(share * fork))
  const from = fork - count
  const weights = new Float64Array(count).fill(1)
  const sizes = new Float64Array(count)
  let fit = solve(basis, values, from, weights)
  // Of fewer, a median says too little about which of them is the outlier.
  for (let round = 1; round < roundsMax && count >= 6; round += 1) {
    for (let row = 0; row < count; row += 1) sizes[row] = Math.abs(missOf(fit, basis, values, from + row))
    const bound = huberBound * (sizes.toSorted()[count >> 1] ?? 0)
    if (bound === 0) break
    for (let row = 0; row < count; row += 1) weights[row] = Math.min(1, bound / (sizes[row] ?? 0))
    fit = solve(basis, values, from, weights)
  }
  return fit
}

/** What came at a bin, less what the fit says. */
export function missOf({ a, b }: Fit, basis: readonly number[], values: ArrayLike<number>, bin: number): number {
  return (values[bin] ?? 0) - a - b * (basis[bin] ?? 0)
}

/** Variance of the fit's mean over some bins from the chance in what it was fitted to, in units of the variance of one. */
export function leverageOf({ count, mean, spread }: Fit, basis: readonly number[], from: number, to: number): number {
  if (basis.length === 0 || spread === 0) return 1 / count
  let ahead = 0
  for (let bin = from; bin < to; bin += 1) ahead += (basis[bin] ?? 0) / (to - from)
  return 1 / count + (ahead - mean) ** 2 / spread
}

function solve(basis: readonly number[], values: ArrayLike<number>, from: number, weights: Float64Array): Fit {
  let sum = 0
  let sumG = 0
  let sumY = 0
  for (let row = 0; row < weights.length; row += 1) {
    const weight = weights[row] ?? 0
    sum += weight
    sumG += weight * (basis[from + row] ?? 0)
    sumY += weight * (values[from + row] ?? 0)
  }
  const mean = sumG / sum
  const meanY = sumY / sum
  let spread = 0
  let common = 0
  for (let row = 0; row < weights.length; row += 1) {
    const weight = weights[row] ?? 0
    const apart = (basis[from + row] ?? 0) - mean
    spread += weight * apart * apart
    common += weight * apart * ((values[from + row] ?? 0) - meanY)
  }
  const b = spread > 0 ? common / spread : 0
  return { a: meanY - b * mean, b, from, count: weights.length, mean, spread }
}
