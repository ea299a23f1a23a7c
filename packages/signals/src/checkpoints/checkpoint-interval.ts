/**
 * How often to write checkpoints, ms between two: Daly's estimate (2006, eq. 37), which refines Young's √(2δM) (1974), from
 * the time δ that one takes and the mean time M between failures. Null where either is not known: then nobody can say.
 */
export function chooseIntervalMs(saveMs: number | null, failureMs: number | null): number | null {
  if (saveMs === null || failureMs === null || !(saveMs > 0) || !(failureMs > 0)) return null
  if (!Number.isFinite(saveMs) || !Number.isFinite(failureMs)) return null
  const share = saveMs / (2 * failureMs)
  // With failures more often than that, nothing is better than to write as rarely as they come.
  if (share >= 1) return failureMs
  return Math.sqrt(2 * saveMs * failureMs) * (1 + Math.sqrt(share) / 3 + share / 9) - saveMs
}
