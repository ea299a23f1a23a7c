/** What the stand-in for an engine does wrong, as a test wants it. All of it can be changed while the engine runs. */

export type Fault =
  /** Another status, without working on the request. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** The connection is reset before the answer, or after half of it. */
  | { kind: 'reset' }
  | { kind: 'reset-midway' }
  /** Nothing ever comes, or nothing after half of the answer. */
  | { kind: 'stall' }
  | { kind: 'stall-midway' }
  /** Half of the answer, as if it were the whole one. */
  | { kind: 'truncated' }
  /** The whole answer of a stream, without `[DONE]`. */
  | { kind: 'unended' }
  /** An error amid the stream. */
  | { kind: 'error-chunk'; error: Record<string, unknown> }
  | { kind: 'not-utf8' }
  | { kind: 'not-http' }
  /** It takes so many times as long. */
  | { kind: 'slow'; factor: number }
  /** The answer has this id, or none. */
  | { kind: 'id'; id: string | null }

export type Faults = {
  /** For the next requests, one each, in order; `null` lets one pass. */
  next: (Fault | null)[]
  /** For a share (0 … 1) of those that are left. */
  random: { share: number; fault: Fault }[]
  /** Connections without a request are closed after so long; null: never. vLLM does so after 5 s. */
  closesIdleAfterMs: number | null
  /** As engines that know no `stream_options`, or no streams, answer. */
  refusesStream: 'options' | 'stream' | null
}

export function noFaults(): Faults {
  return { next: [], random: [], closesIdleAfterMs: null, refusesStream: null }
}

/** The fault of one request. `random`: draws 0 … 1, one for each entry of `random`. */
export function drawFault(faults: Faults, random: () => number): Fault | null {
  const next = faults.next.shift()
  if (next !== undefined) return next
  return faults.random.find(({ share }) => random() < share)?.fault ?? null
}
