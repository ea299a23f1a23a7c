/** How often in a row something failed, and when it is tried again, ms. */
export type BackOff = { failures: number; nextAt: number }

const waitMsMax = 5 * 60_000
const doublingsMax = 8

export const noBackOff: BackOff = { failures: 0, nextAt: 0 }

/** After a success: again after its interval. */
export function planNext(now: number, intervalMs: number): BackOff {
  return { failures: 0, nextAt: now + intervalMs }
}

/** After a failure: each time later by half as much again as before, twice as late at least as it asks for. */
export function planRetry(
  { failures }: BackOff,
  now: number,
  { intervalMs, atLeastMs = 0 }: { intervalMs: number; atLeastMs?: number },
): BackOff {
  const waitMs = Math.min(waitMsMax, intervalMs * 2 ** Math.min(failures + 1, doublingsMax))
  return { failures: failures + 1, nextAt: now + Math.max(waitMs, atLeastMs, intervalMs) }
}

/** Whether its time has come. A clock that was set back does not keep it waiting for longer than the longest wait. */
export function isDue({ nextAt }: BackOff, now: number): boolean {
  return now >= nextAt || nextAt - now > 2 * waitMsMax
}
