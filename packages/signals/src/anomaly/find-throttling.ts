import { formatDuration, formatValue } from '../format.ts'
import type { Finding } from './anomaly.ts'

/** One sample of a GPU; what it does not tell is NaN. */
export type GpuSample = { temperature: number; use: number; power: number; timeMs: number }

export type ThrottlingWatch = {
  isOpen: boolean
  lastMs: number | null
  /** Power that it takes under load while it is not hot, W, and use; and how many samples say so. */
  usualPower: number
  usualUse: number
  count: number
  /** For how long it has been hot and slow, ms; leaky. */
  slowMs: number
}

export const noThrottling: ThrottlingWatch = {
  isOpen: false,
  lastMs: null,
  usualPower: 0,
  usualUse: 0,
  count: 0,
  slowMs: 0,
}

/** One that is known to be slowed down, and of which nothing else is known. */
export const openThrottling: ThrottlingWatch = { ...noThrottling, isOpen: true, slowMs: 60_000 }

/**
 * Thermal throttling: hot, and by a sixth less power than under load before, while it goes on being used; where no power is
 * told, by a quarter less use. A GPU that slows its clock keeps its use (the share of time in which a kernel runs) near 100 %
 * and takes less power. One that waits for data takes less power, too, but cools down; so heat is asked for all the time.
 * Limits of temperature lie between 83 and 95 °C, by model.
 */
const hotFrom = 83
const loadFrom = 60
const usedFrom = 30
const powerShare = 0.84
const useShare = 0.75
const usualWeight = 0.02
/** Nothing is said before so many samples of what is usual. */
const usualMin = 30
const slowAfterMs = 90_000
const leakFactor = 2
const gapMs = 120_000

/** One sample. `watch` is the caller's own. */
export function findThrottling(watch: ThrottlingWatch, sample: GpuSample): Finding | null {
  const passedMs = Math.max(0, sample.timeMs - (watch.lastMs ?? sample.timeMs))
  watch.lastMs = Math.max(watch.lastMs ?? sample.timeMs, sample.timeMs)
  if (!Number.isFinite(sample.temperature) || passedMs > gapMs) return null
  const isHot = sample.temperature >= hotFrom
  const isSlow = isHot && watch.count >= usualMin && runsSlowly(watch, sample)
  if (!isSlow) learnUsual(watch, sample)
  watch.slowMs = isSlow
    ? Math.min(watch.slowMs + passedMs, slowAfterMs)
    : Math.max(0, watch.slowMs - leakFactor * passedMs)
  if (watch.isOpen) return closeThrottling(watch, sample)
  if (watch.slowMs < slowAfterMs) return null
  watch.isOpen = true
  return { kind: 'throttling', phase: 'raised', why: describe(watch, sample) }
}

function runsSlowly({ usualPower, usualUse }: ThrottlingWatch, { use, power }: GpuSample): boolean {
  if (Number.isFinite(power) && usualPower > 0) return power < powerShare * usualPower && !(use < usedFrom)
  return use < useShare * usualUse
}

/** Hot or not: one that always runs hot at full power is not slowed down. */
function learnUsual(watch: ThrottlingWatch, { use, power }: GpuSample): void {
  if (!(use >= loadFrom)) return
  const weight = Math.max(usualWeight, 1 / (watch.count + 1))
  watch.count = Math.min(watch.count + 1, 1_000)
  watch.usualUse += weight * (use - watch.usualUse)
  if (Number.isFinite(power)) watch.usualPower += weight * (power - watch.usualPower)
}

function closeThrottling(watch: ThrottlingWatch, { temperature }: GpuSample): Finding | null {
  if (watch.slowMs > 0) return null
  watch.isOpen = false
  return { kind: 'throttling', phase: 'resolved', why: `At full speed again, at ${formatValue(temperature)} °C.` }
}

function describe({ usualPower, usualUse }: ThrottlingWatch, { temperature, use, power }: GpuSample): string {
  const less =
    Number.isFinite(power) && usualPower > 0
      ? `takes ${formatValue(Math.round(power))} W where ${formatValue(Math.round(usualPower))} W are usual`
      : `is used to ${formatValue(use)} % where ${formatValue(Math.round(usualUse))} % are usual`
  return `It is slowed down by its heat: ${formatValue(temperature)} °C, and for ${formatDuration(slowAfterMs)} it ${less}.`
}
