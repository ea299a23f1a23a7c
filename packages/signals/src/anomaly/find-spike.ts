import { formatValue } from '../format.ts'
import type { Finding, SignedValue } from './anomaly.ts'
import { type NoiseTrack, boundNoise, measureNoise } from './noise-track.ts'

export type SpikeWatch = {
  /** Points since it shot up; null: it has not. */
  risen: number | null
  /** Level before, and the highest value since. */
  level: number
  peak: number
  isOpen: boolean
  /** Ordinary values in a row since it was raised. */
  calm: number
  /** Points since the last one was over. */
  since: number
  /** The two values before. */
  before: [number, number]
}

const sinceMax = 1_000
export const noSpike: SpikeWatch = {
  risen: null,
  level: 0,
  peak: 0,
  isOpen: false,
  calm: 0,
  since: sinceMax,
  before: [0, 0],
}

/**
 * A spike: a value that noise would not bring within a million points, that comes at once, and from which the curve has
 * come back by half within some points. What stays up is no spike: it is a divergence, or a restart of the learning rate.
 */
const risk = 1e-6
/** Nothing is judged before noise is known. */
const pointsMin = 60
/** At least so many scales, and so much of the level: less disturbs no training. */
const scalesMin = 8
const shareMin = 0.1
/** So much of it comes at once. */
const jumpShare = 0.65
const backShare = 0.5
const backWithin = 16
const calmAfter = 10
/** From one to the next. */
const refractoryPoints = 20

/** One point, before `noise` has taken it in. `watch` is the caller's own. */
export function findSpike(watch: SpikeWatch, noise: NoiseTrack, { value, sign }: SignedValue): Finding | null {
  const bound = Math.max(scalesMin, boundNoise(noise, risk))
  const z = measureNoise(noise, value)
  const highest = Math.max(...watch.before)
  watch.before = [watch.before[1], value]
  watch.since = Math.min(watch.since + 1, sinceMax)
  if (watch.isOpen) return closeSpike(watch, z < bound / 2, sign * value)
  if (watch.risen !== null) return comeBack(watch, value, sign)
  const rise = z * noise.scale
  const shoots = z > bound && rise > shareMin * Math.abs(noise.level) && value - highest > jumpShare * rise
  if (noise.count < pointsMin || watch.since <= refractoryPoints || !shoots) return null
  watch.risen = 0
  watch.level = noise.level
  watch.peak = value
  return null
}

/** True while a curve is up, so that what it does says nothing of its noise. */
export function isUp({ risen, isOpen }: SpikeWatch): boolean {
  return risen !== null || isOpen
}

function comeBack(watch: SpikeWatch, value: number, sign: 1 | -1): Finding | null {
  watch.risen = (watch.risen ?? 0) + 1
  watch.peak = Math.max(watch.peak, value)
  const { peak, level } = watch
  const isBack = value - level < backShare * (peak - level)
  if (!isBack && watch.risen < backWithin) return null
  watch.risen = null
  watch.since = 0
  if (!isBack) return null
  watch.isOpen = true
  watch.calm = 0
  const why = `It shot to ${formatValue(sign * peak)} where ${formatValue(sign * round(level))} was usual.`
  return { kind: 'spike', phase: 'raised', why }
}

function closeSpike(watch: SpikeWatch, isCalm: boolean, value: number): Finding | null {
  watch.calm = isCalm ? watch.calm + 1 : 0
  if (watch.calm < calmAfter) return null
  watch.isOpen = false
  watch.since = 0
  return { kind: 'spike', phase: 'resolved', why: `As usual again: ${formatValue(value)}.` }
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
