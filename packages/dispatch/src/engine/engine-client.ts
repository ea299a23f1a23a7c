/**
 * Sends requests to one engine that speaks OpenAI's API. One sending is one attempt: what came of it is judged here, whether
 * there is another one is decided elsewhere (`plan-retry.ts`).
 */
import { PilothouseError } from '@pilothouse/contract'
import { errors, Pool } from 'undici'
import type { BatchRequest, RequestOutcome } from '../request.ts'
import { askForStream, readStreamRefusal } from './ask-for-stream.ts'
import { type EngineAddress, readEngineAddress } from './engine-address.ts'
import { type Asked, type Begin, exchange, type Taker } from './exchange.ts'
import { hideSecrets } from './hide-secrets.ts'
import { type AnswerHeaders, type Evidence, type Failure, judgeFailure } from './judge-failure.ts'
import { readUsage } from './read-usage.ts'
import { type Deadline, startDeadline } from './start-deadline.ts'
import { type Taken, takePieces, takeStream, takeWhole } from './take-answer.ts'
import { type WatchedSockets, watchSockets } from './watch-sockets.ts'

/** Below the 5 s after which vLLM closes an idle connection. Engines that ask for more do not get it. */
const keepAliveMs = 4_000
/** Questions beside the requests; they must not wait until a request gives its connection up. */
const askingConnectionsMax = 2
/** A connection that was closed while idle shows that at once. What breaks later was being worked on. */
const staleMs = 2_000
/** Idle connections that one request may find closed, before it has to say that it was refused. */
const staleMax = 3
/** Read of an answer that says why not. */
const failureBytesMax = 65_536
/** Read of what is not a request: the metrics of vLLM take about 100 kB. */
const textBytesMax = 4_194_304
const answerMegabytes = 64
const requestIdMax = 200
/** Headers that belong to the connection, not to who configures an engine. */
const ownHeaders: readonly string[] = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]

export type EngineOptions = {
  /** With or without `/v1` at its end, and below any path. */
  baseUrl: string
  apiKey: string | null
  /** Sent with everything. */
  headers?: Readonly<Record<string, string>>
  /** Requests under way at a time, at least 1; more wait inside, and their time runs. */
  connectionsMax: number
  timeouts: EngineTimeouts
  /** Asks for completions as streams, and puts these together. */
  streams?: boolean
  answerBytesMax?: number
  /** Ms since 1970. */
  now?: () => number
}

export type EngineTimeouts = {
  /** Until there is a connection. */
  connectMs: number
  /** From sending to the last byte of the answer, unless the request says otherwise. */
  requestMs: number
  /** Between two pieces of an answer. */
  idleMs: number
}

export type SendOptions = {
  signal: AbortSignal
  /** Tokens that came just now: of a stream about one for each chunk, set right at its end; else all at once. Must not throw. */
  onTokens?: (count: number) => void
  /** False: this one is not asked for as a stream, whatever the client does else. */
  streams?: boolean
}

/** An outcome as it stands in `RequestResult`; of a failure also what it asks for. */
export type Attempt =
  | Extract<RequestOutcome, { kind: 'answered' }>
  | (Extract<RequestOutcome, { kind: 'failed' }> & Failure)

type Exchange = { url: string; body: string; deadline: Deadline; onTokens: (count: number) => void }
type Came = { status: number | null; requestId: string | null }

export class EngineClient {
  readonly #address: EngineAddress
  readonly #headers: Record<string, string>
  readonly #timeouts: EngineTimeouts
  readonly #answerBytesMax: number
  readonly #now: () => number
  readonly #hide: (text: string) => string
  readonly #sockets: WatchedSockets
  readonly #sending: Pool
  readonly #asking: Pool
  #streams: boolean

  /** @throws PilothouseError `invalid` for an address, a key or headers that cannot be sent. */
  constructor({
    baseUrl,
    apiKey,
    headers = {},
    connectionsMax,
    timeouts,
    streams = false,
    answerBytesMax = answerMegabytes * 1_048_576,
    now = Date.now,
  }: EngineOptions) {
    this.#address = readEngineAddress(baseUrl)
    this.#headers = writeHeaders(apiKey, headers)
    this.#timeouts = timeouts
    this.#answerBytesMax = answerBytesMax
    this.#now = now
    this.#hide = hideSecrets(apiKey, headers)
    this.#sockets = watchSockets(timeouts.connectMs)
    this.#sending = this.#openPool(connectionsMax)
    this.#asking = this.#openPool(askingConnectionsMax)
    this.#streams = streams
  }

  /**
   * Sends a request once.
   * @throws the reason of `signal` once it is aborted; PilothouseError `unavailable` when the client is closed.
   */
  async send(request: BatchRequest, { signal, onTokens = () => {}, streams = true }: SendOptions): Promise<Attempt> {
    signal.throwIfAborted()
    const { url, body, timeoutMs: totalMs = this.#timeouts.requestMs } = request
    const { idleMs } = this.#timeouts
    const deadline = startDeadline({ signal, totalMs, idleMs })
    const exchange = { url, body, deadline, onTokens }
    try {
      const streamed = this.#streams && streams ? askForStream(url, body) : null
      if (streamed === null) return await this.#exchange(exchange, signal)
      const attempt = await this.#exchange({ ...exchange, body: streamed }, signal)
      if (!this.#refusesStream(attempt)) return attempt
      return await this.#exchange(exchange, signal)
    } finally {
      deadline.end()
    }
  }

  /**
   * The text at a path such as `/metrics`, whatever its status; bounded.
   * @throws the reason of `signal`; PilothouseError `unavailable` where no answer comes within `timeoutMs`.
   */
  async getText(
    path: string,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<{ status: number; text: string }> {
    signal.throwIfAborted()
    const deadline = startDeadline({ signal, totalMs: timeoutMs, idleMs: timeoutMs })
    try {
      let status = 0
      const begin: Begin<{ bytes: Buffer }> = (one) => {
        status = one
        return takePieces(textBytesMax)
      }
      const { bytes } = await this.#ask(this.#asking, { path, method: 'GET' }, { deadline, begin })
      return { status, text: bytes.toString() }
    } catch (error) {
      const { message } = judgeFailure(this.#explain(error, { signal, deadline }), this.#now())
      throw new PilothouseError('unavailable', message, { cause: error })
    } finally {
      deadline.end()
    }
  }

  /** Takes nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all([this.#sending.close(), this.#asking.close()])
  }

  /** Cuts all connections; what is under way is rejected. */
  async destroy(): Promise<void> {
    await Promise.all([this.#sending.destroy(), this.#asking.destroy()])
  }

  #openPool(connections: number): Pool {
    return new Pool(this.#address.origin, {
      connections,
      connect: this.#sockets.connect,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      // Its own default is 300 s for each, in steps of about a second; a deadline for each exchange stands in their place.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  async #exchange({ url, body, deadline, onTokens }: Exchange, signal: AbortSignal): Promise<Attempt> {
    const came: Came = { status: null, requestId: null }
    const begin: Begin<Taken> = (status, headers) => {
      Object.assign(came, { status, requestId: readRequestId(headers) })
      if (status < 200 || status >= 300) return takeFailure({ status, headers })
      const take = isEventStream(headers) ? takeStream : takeWhole
      return take({ url, bytesMax: this.#answerBytesMax, touch: deadline.touch, onTokens })
    }
    try {
      const taken = await this.#ask(this.#sending, { path: url, method: 'POST', body }, { deadline, begin })
      return this.#conclude(taken, came)
    } catch (error) {
      return this.#fail(this.#explain(error, { signal, deadline }), came, null)
    }
  }

  #conclude(taken: Taken, came: Came): Attempt {
    if (taken.kind === 'fault') return this.#fail(taken.evidence, came, taken.text)
    const { status, requestId } = came
    return { kind: 'answered', status: status ?? 0, requestId, body: taken.text, usage: readUsage(taken.answer) }
  }

  #fail(evidence: Evidence, { status, requestId }: Came, text: string | null): Attempt {
    const failure = judgeFailure(hideIn(evidence, this.#hide), this.#now())
    const body = text === null ? null : this.#hide(text).slice(0, failureBytesMax).toWellFormed()
    return { kind: 'failed', ...failure, status, requestId, body }
  }

  /** Sends, and sends again where it met a connection that was closed while idle. */
  async #ask<One>(
    pool: Pool,
    { path, ...asked }: Omit<Asked, 'headers'>,
    { deadline, begin }: { deadline: Deadline; begin: Begin<One> },
  ): Promise<One> {
    const whole = { ...asked, path: this.#address.pathOf(path), headers: this.#headers }
    const since = this.#now()
    let hasBegun = false
    const note: Begin<One> = (status, headers) => {
      hasBegun = true
      return begin(status, headers)
    }
    for (let stale = 0; ; stale += 1) {
      try {
        return await exchange(pool, whole, { deadline, begin: note })
      } catch (error) {
        const isStale = !hasBegun && this.#sockets.wasUsed(error) && this.#now() - since < staleMs
        if (!isStale || stale >= staleMax || deadline.isOver()) throw error
      }
    }
  }

  /** @throws what ends the exchange without an attempt: the caller's reason, or that this client is closed. */
  #explain(error: unknown, { signal, deadline }: { signal: AbortSignal; deadline: Deadline }): Evidence {
    const message = deadline.ranOut()
    if (message !== null) return { kind: 'timeout', message }
    signal.throwIfAborted()
    if (error instanceof errors.ClientClosedError || error instanceof errors.ClientDestroyedError) {
      throw new PilothouseError('unavailable', 'The connection to the engine was given up.', { cause: error })
    }
    return { kind: 'broken', error }
  }

  #refusesStream(attempt: Attempt): boolean {
    if (attempt.kind === 'answered' || attempt.status === null) return false
    const refusal = readStreamRefusal(attempt.status, attempt.body ?? '')
    // Without this option a stream does not tell its tokens, and counts are worth more than to see them come.
    if (refusal === 'options') this.#streams = false
    return refusal !== null
  }
}

/** @throws PilothouseError `invalid`, without the value. */
function writeHeaders(apiKey: string | null, headers: Readonly<Record<string, string>>): Record<string, string> {
  const written: Record<string, string> = { 'user-agent': 'pilothouse', accept: 'application/json, text/event-stream' }
  for (const [name, value] of Object.entries(headers)) written[name.toLowerCase()] = value
  if (apiKey !== null) written['authorization'] = `Bearer ${apiKey}`
  written['content-type'] = 'application/json'
  for (const [name, value] of Object.entries(written)) {
    if (/^[\w-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value) && !ownHeaders.includes(name)) continue
    const field = name === 'authorization' ? 'apiKey' : 'headers'
    throw new PilothouseError('invalid', `The header «${name}», or what it says, cannot be sent.`, { field })
  }
  return written
}

/** Before words are cut: half a secret would not be found. */
function hideIn(evidence: Evidence, hide: (text: string) => string): Evidence {
  switch (evidence.kind) {
    case 'status':
      return { ...evidence, body: hide(evidence.body) }
    case 'bad':
      return { ...evidence, message: hide(evidence.message) }
    case 'timeout':
    case 'broken':
      return evidence
  }
}

/** The status says enough where the words behind it do not arrive. */
function takeFailure({ status, headers }: { status: number; headers: AnswerHeaders }): Taker<Taken> {
  const pieces = takePieces(failureBytesMax)
  return {
    ...pieces,
    isOver: () => true,
    finish: () => {
      const text = pieces.finish().bytes.toString()
      return { kind: 'fault', evidence: { kind: 'status', status, headers, body: text }, text }
    },
  }
}

function isEventStream(headers: AnswerHeaders): boolean {
  return String(headers['content-type'] ?? '').startsWith('text/event-stream')
}

function readRequestId(headers: AnswerHeaders): string | null {
  const id = headers['x-request-id']
  return typeof id === 'string' ? id.slice(0, requestIdMax) : null
}
