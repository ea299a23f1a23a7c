/**
 * What it means that a request has no answer: whether that is final or worth another try, and whether the engine has too much
 * to do. Pure.
 *
 *   429, 503                         again, and slower; as late as the engine asks for
 *   401                              again: it is our key that is refused, of every request; the engine counts as away
 *   408, 409, 425, other 5xx         again
 *   501, other 4xx, 3xx              final: no repetition helps (a prompt beyond the context is a 400)
 *   nothing listens, no such name    again, and slower: the engine is away
 *   cut, took too long, no answer    again
 *
 * A header `x-should-retry` has the last word, as in OpenAI's own clients.
 */
import type { FailureCode } from '../request.ts'
import { isRecord, parseRecord } from './json-record.ts'

/** UTF-16 units of a message: it stands in error files, once for each request. */
const messageMax = 500

/** As HTTP clients of Node give headers: names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

export type Evidence =
  /** An answer came, with a status outside of 200 … 299. `body`: as much of it as was read. */
  | { kind: 'status'; status: number; headers: AnswerHeaders; body: string }
  /** What the HTTP client threw. */
  | { kind: 'broken'; error: unknown }
  /** A limit of ours ran out. */
  | { kind: 'timeout'; message: string }
  /** A success by its status whose body is no answer. `isFinal`: asking again would bring the same. */
  | { kind: 'bad'; message: string; isFinal: boolean }

export type Failure = {
  code: FailureCode
  /** In the engine's own words where it has some; bounded. */
  message: string
  /** No repetition helps. */
  isFinal: boolean
  /** The engine is away or has too much to do: fewer requests at a time, please. */
  slowsDown: boolean
  /** Nobody is there, or nobody who lets us in: the engine is left alone for a while, and tried with one request. */
  isAway: boolean
  /** How long the engine wants to be left alone, ms. */
  retryAfterMs: number | null
}

const again = { isFinal: false, slowsDown: false, isAway: false, retryAfterMs: null } as const

/** `now`: ms since 1970, for a `retry-after` that is a date. */
export function judgeFailure(evidence: Evidence, now: number): Failure {
  switch (evidence.kind) {
    case 'status':
      return judgeStatus(evidence, now)
    case 'broken':
      return judgeBroken(evidence.error)
    case 'timeout':
      return { ...again, code: 'timeout', message: boundMessage(evidence.message) }
    case 'bad':
      return { ...again, code: 'bad_answer', message: boundMessage(evidence.message), isFinal: evidence.isFinal }
  }
}

/** At most `messageMax` UTF-16 units, none of them half a character. */
function boundMessage(message: string): string {
  if (message.length <= messageMax) return message.toWellFormed()
  const cut = message.slice(0, messageMax - 1)
  return `${(cut.isWellFormed() ? cut : cut.slice(0, -1)).toWellFormed()}…`
}

/** The words of an error in a body: OpenAI's shape, FastAPI's, and those of smaller engines; null where there are none. */
export function readErrorMessage(body: string): string | null {
  const answer = parseRecord(body)
  if (!answer) return null
  const { error, message, detail } = answer
  const words = [isRecord(error) ? error['message'] : error, message, detail]
  const found = words.find((word) => typeof word === 'string' && word.trim() !== '')
  if (typeof found === 'string') return found
  return Array.isArray(detail) && detail.length > 0 ? JSON.stringify(detail) : null
}

type StatusEvidence = Extract<Evidence, { kind: 'status' }>

function judgeStatus({ status, headers, body }: StatusEvidence, now: number): Failure {
  const isFinal = readFinality(headers) ?? isFinalStatus(status)
  return {
    code: isFinal && status < 500 ? 'refused' : 'engine_error',
    message: boundMessage(describeStatus(status, body)),
    isFinal,
    slowsDown: status === 429 || status === 503 || status === 401,
    isAway: status === 401,
    retryAfterMs: readRetryAfter(headers, now),
  }
}

function isFinalStatus(status: number): boolean {
  return status === 501 || (status < 500 && ![401, 408, 409, 425, 429].includes(status))
}

/** What the engine itself says of it; null where it says nothing. */
function readFinality(headers: AnswerHeaders): boolean | null {
  const text = readHeader(headers, 'x-should-retry')
  if (text === 'false') return true
  return text === 'true' ? false : null
}

function describeStatus(status: number, body: string): string {
  const told = readErrorMessage(body)
  if (told !== null) return told
  if (status >= 300 && status < 400)
    return `The engine answered with a redirect (status ${status}), which is not followed.`
  return `The engine answered with status ${status}.`
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, 10.2.3). */
function readRetryAfter(headers: AnswerHeaders, now: number): number | null {
  const ms = readAmount(readHeader(headers, 'retry-after-ms'))
  if (ms !== null) return ms
  const text = readHeader(headers, 'retry-after')
  const seconds = readAmount(text)
  if (seconds !== null) return seconds * 1_000
  const date = Date.parse(text ?? '')
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

function readAmount(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

function readHeader(headers: AnswerHeaders, name: string): string | null {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? null
}

/** Nothing of the request has reached an engine. */
const awayCodes: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]
/** Names that Node and OpenSSL have for a certificate or a handshake that is not taken. */
const distrust = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/

/** Bytes came that are no HTTP, or no text. */
const badCodes: readonly string[] = ['HTTPParserError', 'UND_ERR_HEADERS_OVERFLOW', 'ERR_ENCODING_INVALID_ENCODED_DATA']

function judgeBroken(error: unknown): Failure {
  const code = readCode(error)
  const isBad = badCodes.includes(code)
  const isAway = awayCodes.includes(code) || distrust.test(code)
  return {
    ...again,
    code: isBad ? 'bad_answer' : 'connection',
    message: boundMessage(describeBroken(code, error)),
    slowsDown: isAway,
    isAway,
  }
}

/** undici's parser has a code only for some of its complaints. */
function readCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.name === 'HTTPParserError') return error.name
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function describeBroken(code: string, error: unknown): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'Nothing listens at the address of the engine.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of the engine is not known.'
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'No connection to the engine came about in time.'
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return 'The engine cut the connection.'
    case 'HTTPParserError':
      return 'What came from the engine is no HTTP.'
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'The answer is not UTF-8.'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
