/** One request of a batch, and what came of it. */

/** A request as its line of the input file has it, checked. */
export type BatchRequest = {
  /** Its line in the input file, from 1. */
  line: number
  customId: string
  /** Path at the engine, such as `/v1/chat/completions`. */
  url: string
  /** The body as JSON text, byte for byte as it came, or with another model where the batch says so. */
  body: string
  /** It may take so long, ms; else as long as the engine's client has it. */
  timeoutMs?: number | undefined
  /** Aborted: nobody wants its result any more. */
  signal?: AbortSignal | undefined
}

/** Tokens that the engine counted; null where it told of none. */
export type TokenUsage = {
  inputTokens: number
  cachedTokens: number
  outputTokens: number
  reasoningTokens: number
}

/** Why a request has no answer that counts. The codes stand in error files and in the dead-letter queue. */
export type FailureCode =
  /** The engine refused it: status 4xx that no repetition helps. */
  | 'refused'
  /** The engine failed at it, as often as it was tried. */
  | 'engine_error'
  /** It took longer than a request may. */
  | 'timeout'
  /** The connection broke, or none came about. */
  | 'connection'
  /** What came is no answer to it: broken JSON, another shape, a stream that ended early. */
  | 'bad_answer'

export type RequestOutcome =
  /** `status` 200 … 299. */
  | { kind: 'answered'; status: number; requestId: string | null; body: string; usage: TokenUsage | null }
  /** `status` and `body` where the engine gave an answer at all; `body` is then JSON text or the text it sent, bounded. */
  | {
      kind: 'failed'
      code: FailureCode
      message: string
      status: number | null
      requestId: string | null
      body: string | null
    }

export type RequestResult<R extends BatchRequest = BatchRequest> = {
  request: R
  outcome: RequestOutcome
  /** How often it was sent. */
  attempts: number
  /** From its first sending to its end, ms. */
  tookMs: number
  /** Name of the engine that it was sent to last; null where it was sent to none. */
  engine: string | null
}
