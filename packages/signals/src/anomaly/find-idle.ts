import { formatDuration, formatValue } from '../format.ts'
import type { Finding } from './anomaly.ts'

export type IdleWatch = {
  isOpen: boolean
  /** Since when it is watched, and the newest time, ms; null before the first value. */
  startedMs: number | null
  lastMs: number
  /** It has worked at least once. */
  hasWorked: boolean
  /** For how long it does nothing, ms; work takes off more than it lasts. */
  idleMs: number
}

export const noIdle: IdleWatch = { isOpen: false, startedMs: null, lastMs: 0, hasWorked: false, idleMs: 0 }

/** One that is known to be idle, and of which nothing else is known. */
export const openIdle: IdleWatch = { ...noIdle, isOpen: true, idleMs: 60_000 }

/**
 * Idle: so little use, for so long, as a leaky sum: a moment of use takes off five times its length, so that single samples
 * of noise neither hide idleness nor make work of it. Evaluations, checkpoints and compilation pass within that time; at the
 * beginning, when data are loaded, it is twice as long.
 */
const idleTo = 8
const idleAfterMs = 15 * 60_000
const startFactor = 2
const workFactor = 5
/** Without values for longer than that, nothing is known of the time between. */
const gapMs = 120_000

/** One value, %. `watch` is the caller's own. */
export function findIdle(watch: IdleWatch, use: number, timeMs: number): Finding | null {
  if (!Number.isFinite(use)) return null
  watch.startedMs ??= timeMs
  const passedMs = Math.max(0, timeMs - Math.max(watch.lastMs, watch.startedMs))
  watch.lastMs = Math.max(watch.lastMs, timeMs)
  if (passedMs > gapMs) return null
  const isIdle = use <= idleTo
  watch.idleMs = isIdle ? watch.idleMs + passedMs : Math.max(0, watch.idleMs - workFactor * passedMs)
  // A start counts as over once it has worked for a while.
  if (!isIdle && watch.idleMs === 0) watch.hasWorked = true
  const afterMs = watch.hasWorked ? idleAfterMs : startFactor * idleAfterMs
  watch.idleMs = Math.min(watch.idleMs, startFactor * idleAfterMs)
  if (watch.isOpen) return closeIdle(watch, use)
  if (watch.idleMs < afterMs) return null
  watch.isOpen = true
  return {
    kind: 'idle',
    phase: 'raised',
    why: `It has done nothing for ${formatDuration(afterMs)}: at most ${idleTo} % use.`,
  }
}

function closeIdle(watch: IdleWatch, use: number): Finding | null {
  if (watch.idleMs > 0) return null
  watch.isOpen = false
  return { kind: 'idle', phase: 'resolved', why: `It works again: ${formatValue(use)} %.` }
}
