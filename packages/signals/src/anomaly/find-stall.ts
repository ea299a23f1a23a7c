import { formatCount, formatDuration } from '../format.ts'
import type { Finding } from './anomaly.ts'

export type StallWatch = {
  isOpen: boolean
  /** The newest step, and when something was last logged, ms; null before the first. */
  step: number | null
  activeMs: number | null
  /** Longest waits from one to the next, of late: a running maximum that fades, ms. */
  longestMs: number
  count: number
}

export const noStall: StallWatch = { isOpen: false, step: null, activeMs: null, longestMs: 0, count: 0 }

/**
 * A stall: the job is heard, and logs nothing for far longer than it ever waited from one step to the next. Whatever it
 * logs counts, for an evaluation logs at the step at which it stands; so do pauses for checkpoints that were seen before,
 * whose length a fading maximum remembers. The first such pause is covered by the least time.
 */
const leastMs = 15 * 60_000
const waitFactor = 5
/** It halves in so long. */
const halfLifeMs = 6 * 3_600_000
/** Nothing is said of a job that has logged less often. */
const countMin = 20

/** The job logs something at `step`. `watch` is the caller's own. */
export function foldStep(watch: StallWatch, step: number, timeMs: number): Finding | null {
  const waitMs = timeMs - (watch.activeMs ?? timeMs)
  // Points of an outage arrive late, with their own times.
  if (waitMs < 0) return null
  watch.activeMs = timeMs
  const moves = step !== watch.step
  watch.step = step
  if (watch.isOpen) {
    watch.isOpen = false
    return { kind: 'stall', phase: 'resolved', why: `It goes on, at step ${formatCount(step)}.` }
  }
  if (moves) watch.count = Math.min(watch.count + 1, countMin)
  watch.longestMs = Math.max(waitMs, watch.longestMs * 0.5 ** (waitMs / halfLifeMs))
  return null
}

/** The job is alive at `timeMs`, whatever it does. */
export function findStall(watch: StallWatch, timeMs: number): Finding | null {
  if (watch.isOpen || watch.activeMs === null || watch.count < countMin) return null
  const waitMs = timeMs - watch.activeMs
  if (waitMs < Math.max(leastMs, waitFactor * watch.longestMs)) return null
  watch.isOpen = true
  const why = `No step for ${formatDuration(waitMs)}, though it is alive: it stands at ${formatCount(watch.step ?? 0)}, and its longest wait was ${formatDuration(watch.longestMs)}.`
  return { kind: 'stall', phase: 'raised', why }
}

/** It stands still because somebody wants that: the wait begins anew. */
export function excuseStall(watch: StallWatch, timeMs: number): void {
  if (watch.activeMs !== null) watch.activeMs = Math.max(watch.activeMs, timeMs)
}
