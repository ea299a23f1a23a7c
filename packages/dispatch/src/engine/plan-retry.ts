/** When a request that failed is sent again, and when nobody tries any more. Pure. */
import type { Failure } from './judge-failure.ts'

const baseMs = 500
const waitMsMax = 60_000
/** As long as an engine may ask for. */
const retryAfterMsMax = 600_000

export type RetryPlan =
  /**
   * Sent again after `waitMs`. `counts` is false where the engine is away or has too much to do: that is no fault of the
   * request, which may have to wait for hours; how long is bounded by the batch and its window.
   */
  { kind: 'retry'; waitMs: number; counts: boolean } | { kind: 'give-up' }

/**
 * `attempts`: how often it was sent, this time included. `counted`: how many of its earlier failures counted.
 * `random`: 0 … 1; the whole wait is drawn, so that requests which failed together do not come back together.
 */
export function planRetry(
  { isFinal, slowsDown, retryAfterMs }: Failure,
  {
    attempts,
    counted,
    random,
    attemptsMax = 5,
  }: { attempts: number; counted: number; random: number; attemptsMax?: number },
): RetryPlan {
  const counts = !slowsDown
  if (isFinal || (counts && counted + 1 >= attemptsMax)) return { kind: 'give-up' }
  const spreadMs = random * Math.min(waitMsMax, baseMs * 2 ** (attempts - 1))
  return { kind: 'retry', waitMs: Math.min(retryAfterMs ?? 0, retryAfterMsMax) + spreadMs, counts }
}
