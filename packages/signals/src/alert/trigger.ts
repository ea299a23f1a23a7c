/**
 * From «the condition holds» and «it does not» to what is told: each alert once, and its end once.
 *
 *   quiet ──holds──▶ pending ──held for `forMs`, cooldown over──▶ raised ──over for `clearMs`──▶ quiet
 *                       └──does not hold──▶ quiet
 *
 * Pure. Times are those of the points, which never run backwards here: an older one counts as the newest seen.
 */

export type TriggerPhase = 'quiet' | 'pending' | 'raised'

export type Trigger = {
  phase: TriggerPhase
  /** Since when the condition has held, while pending; since when it has been over, while raised and over. */
  sinceMs: number | null
  /** Newest time seen. */
  lastMs: number
  /** When it was raised last; -Infinity before. */
  raisedMs: number
}

export type TriggerTimes = {
  forMs: number
  clearMs: number
  /** From one alert to the next. */
  cooldownMs: number
}

/** Without points for so long, or for `forMs` where that is more, a condition counts as having begun anew. */
const gapMs = 60_000

export const quietTrigger: Trigger = { phase: 'quiet', sinceMs: null, lastMs: -Infinity, raisedMs: -Infinity }

/** Moves `trigger`, which is the caller's own, to `timeMs`; says what is to be told. */
export function moveTrigger(
  trigger: Trigger,
  { holds, timeMs }: { holds: boolean; timeMs: number },
  times: TriggerTimes,
): 'raised' | 'resolved' | undefined {
  const at = Math.max(timeMs, trigger.lastMs)
  const hasGap = at - trigger.lastMs > Math.max(times.forMs, gapMs)
  trigger.lastMs = at
  if (trigger.phase === 'raised') return moveRaised(trigger, { holds, at }, times)
  if (!holds) {
    trigger.phase = 'quiet'
    trigger.sinceMs = null
    return undefined
  }
  if (trigger.sinceMs === null || hasGap) trigger.sinceMs = at
  trigger.phase = 'pending'
  const isDue = at - trigger.sinceMs >= times.forMs && at - trigger.raisedMs >= times.cooldownMs
  if (!isDue) return undefined
  trigger.phase = 'raised'
  trigger.sinceMs = null
  trigger.raisedMs = at
  return 'raised'
}

function moveRaised(
  trigger: Trigger,
  { holds, at }: { holds: boolean; at: number },
  { clearMs }: TriggerTimes,
): 'resolved' | undefined {
  if (holds) {
    trigger.sinceMs = null
    return undefined
  }
  trigger.sinceMs ??= at
  if (at - trigger.sinceMs < clearMs) return undefined
  trigger.phase = 'quiet'
  trigger.sinceMs = null
  return 'resolved'
}
