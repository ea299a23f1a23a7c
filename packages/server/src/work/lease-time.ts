/** How long leases hold. Pure; times in ms since 1970, of the server's clock. */

/** A lease holds for so long unless its worker is heard of. */
export const leaseMs = 30_000
/** Workers tell that they are alive so often. */
export const beatEveryMs = 10_000
/** A lease that would end later was given before the clock was set back: it counts as over. */
const aheadMsMax = leaseMs + 5_000

/** Leases that hold at `nowMs` end between these two. */
export function boundLeases(nowMs: number): { afterMs: number; untilMs: number } {
  return { afterMs: nowMs, untilMs: nowMs + aheadMsMax }
}
