/**
 * What is usual of a noisy curve with a trend: its level and slope, the scale of its noise, and how heavy its upper tail is.
 * Each takes one number a point and remembers a handful.
 *
 * Level and slope: Holt's double smoothing with residuals cut at four scales, so that a spike moves neither (S. Gelper,
 * R. Fried, C. Croux, «Robust forecasting with exponential and Holt–Winters smoothing», J. Forecasting 29, 2010).
 *
 * Tail: excesses over a running 95 % quantile follow a generalised Pareto distribution; the value that is exceeded with a
 * wanted risk follows from its shape (A. Siffer and others, «Anomaly detection in streams with extreme value theory»,
 * KDD 2017). Shape and scale come from mean and variance of the excesses (J. R. M. Hosking, J. R. Wallis, «Parameter and
 * quantile estimation for the generalized Pareto distribution», Technometrics 29, 1987), which one number each keeps up.
 */
export type NoiseTrack = {
  count: number
  level: number
  slope: number
  /** As a standard deviation. */
  scale: number
  /** In scales: the quantile, and mean and mean square of what lies above it. */
  quantile: number
  excess: number
  excessSquare: number
  excesses: number
}

const levelWeight = 0.1
const slopeWeight = 0.005
const scaleWeight = 0.02
/** Residuals count up to so many scales. */
const cutScales = 4
/** Mean absolute value of a normal variable of deviation 1: sqrt(2 / pi). */
const meanAbsolute = 0.7979
const tailShare = 0.05
/** The quantile moves by so much of a scale at most. */
const quantileStep = 0.02
/** Excesses that are remembered, about. */
const excessMemory = 500
/** One excess counts as so many times their mean at most: single spikes are no tail, and a heavy tail is learned all the same. */
const excessTimesMax = 8
/** Heavier than that, variance is infinite and says nothing; lighter than 0 is not worth the risk. */
const shapeMax = 0.4
/** An exponential tail like that of normal noise, as if it had been seen so often. */
const priorExcesses = 20
const priorExcess = 0.5

/** Begins at a first value. */
export function startNoise(value: number): NoiseTrack {
  return {
    count: 1,
    level: value,
    slope: 0,
    scale: 0,
    quantile: 1.645,
    excess: priorExcess,
    excessSquare: 2 * priorExcess ** 2,
    excesses: priorExcesses,
  }
}

/** How far a value lies above what was to be expected, in scales; 0 while the scale is not known. */
export function measureNoise({ level, slope, scale }: NoiseTrack, value: number): number {
  return scale > 0 ? (value - level - slope) / scale : 0
}

/** Takes a value into `noise`, which is the caller's own; what is part of a spike (`isSpike`) says nothing of the tail. */
export function foldNoise(noise: NoiseTrack, value: number, isSpike: boolean): void {
  const residual = value - noise.level - noise.slope
  const bound = cutScales * noise.scale
  // At the beginning the curve falls faster than noise would: nothing is cut.
  const isNew = noise.count < 1 / scaleWeight
  const cut = isNew ? residual : Math.max(-bound, Math.min(bound, residual))
  if (noise.scale > 0 && !isSpike) foldTail(noise, residual / noise.scale)
  const weight = Math.max(levelWeight, 1 / (noise.count + 1))
  noise.level += noise.slope + weight * cut
  if (noise.count > 10) noise.slope += slopeWeight * cut
  noise.scale += Math.max(scaleWeight, 1 / noise.count) * (Math.abs(cut) / meanAbsolute - noise.scale)
  noise.count += 1
}

/** In scales: what noise exceeds with this risk at each point. */
export function boundNoise({ quantile, excess, excessSquare }: NoiseTrack, risk: number): number {
  const ratio = excess ** 2 / Math.max(excessSquare - excess ** 2, 1e-12)
  const shape = Math.max(0, Math.min(shapeMax, (1 - ratio) / 2))
  // The mean of a generalised Pareto distribution is scale / (1 - shape).
  const scale = excess * (1 - shape)
  const rarer = tailShare / risk
  return quantile + (shape < 1e-3 ? scale * Math.log(rarer) : (scale / shape) * (rarer ** shape - 1))
}

function foldTail(noise: NoiseTrack, z: number): void {
  const isAbove = z > noise.quantile
  if (isAbove) {
    const excess = Math.min(z - noise.quantile, excessTimesMax * noise.excess)
    noise.excesses = Math.min(noise.excesses + 1, excessMemory)
    noise.excess += (excess - noise.excess) / noise.excesses
    noise.excessSquare += (excess ** 2 - noise.excessSquare) / noise.excesses
  }
  noise.quantile += quantileStep * (isAbove ? 1 - tailShare : -tailShare)
}
