import { formatValue } from '../format.ts'
import type { Finding, SignedValue } from './anomaly.ts'
import type { NoiseTrack } from './noise-track.ts'

export type DivergenceWatch = {
  isOpen: boolean
  /** The newest finite values, oldest first: their median is what is smoothed, so that one or two outliers do not count. */
  recent: number[]
  smoothed: number
  count: number
  /** The first smoothed value that says something, the lowest one, and the scale of the noise at that one. */
  first: number
  best: number
  bestScale: number
  /** Points that speak for it, and the highest smoothed value among them. */
  evidence: number
  peak: number
  /** Values in a row that are NaN or infinite. */
  broken: number
}

export const noDivergence: DivergenceWatch = {
  isOpen: false,
  recent: [],
  smoothed: 0,
  count: 0,
  first: 0,
  best: 0,
  bestScale: 0,
  evidence: 0,
  peak: 0,
  broken: 0,
}

/**
 * A divergence: the smoothed median of five lies above its lowest value by far more than noise and by a share of all that
 * was learned, for many points, without coming back. Its evidence is a count as in a test by cumulative sums (E. S. Page,
 * «Continuous inspection schemes», Biometrika 41, 1954): a point for it adds one, a curve that comes back starts anew. What
 * comes back by a seventh, as after a warm restart of the learning rate, is no divergence. Three values in a row that are no
 * numbers are one at once; one or two are skipped steps of mixed precision.
 */
const medianOf = 5
const weight = 0.1
const warmUp = 20
const scales = 3
const learnedShare = 0.25
const bestShare = 0.1
const comeBackShare = 0.85
const evidenceMin = 50
const evidenceMax = 500
/** Longer runs are given longer. */
const evidenceShare = 0.1
/** Above where it began, there is little to wait for. */
const evidenceAboveFirst = 15
const brokenMin = 3

/** One point that is a number. `watch` is the caller's own. */
export function findDivergence(
  watch: DivergenceWatch,
  noise: NoiseTrack,
  { value, sign }: SignedValue,
): Finding | null {
  watch.broken = 0
  watch.recent = [...watch.recent, value].slice(-medianOf)
  smooth(watch, noise)
  if (watch.count < warmUp) return null
  const rise = watch.smoothed - watch.best
  const bound = boundRise(watch)
  if (watch.isOpen) return closeDivergence(watch, rise < bound / 2, sign * value)
  if (rise <= bound) {
    watch.evidence = 0
    return null
  }
  watch.peak = watch.evidence === 0 ? rise : Math.max(watch.peak, rise)
  watch.evidence = rise < comeBackShare * watch.peak ? 1 : watch.evidence + 1
  if (watch.evidence === 1) watch.peak = rise
  if (watch.evidence < needEvidence(watch)) return null
  watch.isOpen = true
  const why = `It becomes worse and stays so: smoothed it is ${formatValue(sign * round(watch.smoothed))}, and was ${formatValue(sign * round(watch.best))} at its best.`
  return { kind: 'divergence', phase: 'raised', why }
}

/** A value that is no number. */
export function findBroken(watch: DivergenceWatch, value: number): Finding | null {
  watch.broken += 1
  if (watch.isOpen || watch.broken < brokenMin) return null
  watch.isOpen = true
  return { kind: 'divergence', phase: 'raised', why: `It is ${formatValue(value)}.` }
}

function closeDivergence(watch: DivergenceWatch, isBack: boolean, value: number): Finding | null {
  if (!isBack) return null
  watch.isOpen = false
  watch.evidence = 0
  return { kind: 'divergence', phase: 'resolved', why: `It is back: ${formatValue(value)}.` }
}

function smooth(watch: DivergenceWatch, { scale }: NoiseTrack): void {
  const median = watch.recent.toSorted((one, other) => one - other)[Math.floor(watch.recent.length / 2)] ?? 0
  watch.count += 1
  watch.smoothed += Math.max(weight, 1 / watch.count) * (median - watch.smoothed)
  if (watch.count < warmUp) return
  if (watch.count === warmUp) watch.first = watch.smoothed
  if (watch.count > warmUp && watch.smoothed >= watch.best) return
  watch.best = watch.smoothed
  watch.bestScale = scale
}

function boundRise({ first, best, bestScale }: DivergenceWatch): number {
  return Math.max(scales * bestScale, learnedShare * (first - best), bestShare * Math.abs(best))
}

function needEvidence({ count, smoothed, first, bestScale }: DivergenceWatch): number {
  if (smoothed > first + scales * bestScale) return evidenceAboveFirst
  return Math.max(evidenceMin, Math.min(evidenceMax, evidenceShare * count))
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
