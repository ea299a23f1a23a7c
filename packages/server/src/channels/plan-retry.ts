/** When a delivery that failed is tried again, and when nobody tries any more. Pure. */
import type { DeliveryResult } from './deliveries.ts'

const minuteMs = 60_000
/** After the first failure, the second, …: given up after about a day. */
const calmWaitsMs = [
  10_000,
  minuteMs,
  5 * minuteMs,
  15 * minuteMs,
  60 * minuteMs,
  180 * minuteMs,
  360 * minuteMs,
  720 * minuteMs,
]
/** As long as another side may ask for. */
const retryAfterMsMax = 60 * minuteMs

/** What came of one try. */
export type Outcome =
  | { kind: 'delivered' }
  /** `isFinal`: the other side will never take it. */
  | { kind: 'failed'; error: string; isFinal: boolean; retryAfterMs: number | null }

/** `tries`: before this one. */
export function planRetry(
  outcome: Outcome,
  { tries, now, waitsMs = calmWaitsMs }: { tries: number; now: number; waitsMs?: readonly number[] | undefined },
): Omit<DeliveryResult, 'id'> {
  if (outcome.kind === 'delivered') return { status: 'delivered', nextMs: null, error: null }
  const { error, isFinal, retryAfterMs } = outcome
  const waitMs = waitsMs[tries]
  if (isFinal || waitMs === undefined) return { status: 'given-up', nextMs: null, error }
  return { status: 'waiting', nextMs: now + Math.max(waitMs, Math.min(retryAfterMs ?? 0, retryAfterMsMax)), error }
}

/** Whether another try can help after this answer: 4xx says that the request is wrong, with three exceptions. */
export function isFinalStatus(status: number): boolean {
  return status < 500 && ![408, 425, 429].includes(status)
}
