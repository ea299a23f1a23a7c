/** One POST of JSON to somewhere else: bounded in time and in what it reads, following nothing. */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { PilothouseError } from '@pilothouse/contract'
import { makeLookup, refuseLiteral } from './address-rules.ts'

/** From the first byte to the last. */
const patienceMs = 10_000
/** Of the answer, for words about a failure. */
const wordsMax = 2_048

export type Posted = { status: number; text: string; retryAfterMs: number | null }
export type PostJson = (url: string, body: string, headers?: Record<string, string>) => Promise<Posted>

export type PostRules = {
  allowPrivate: boolean
  userAgent: string
  timeoutMs?: number
  /** UTF-16 units of an answer that are read; the rest is left out. */
  answerMax?: number
}

/** @throws PilothouseError `forbidden` for an address that nothing is sent to, `unavailable` when it is not reached. */
export function makePostJson({
  allowPrivate,
  userAgent,
  timeoutMs = patienceMs,
  answerMax = wordsMax,
}: PostRules): PostJson {
  const lookup = makeLookup(allowPrivate)
  return async (url, body, headers = {}) => {
    const { protocol, hostname } = new URL(url)
    const refusal = refuseLiteral(hostname, allowPrivate)
    if (refusal !== undefined) throw new PilothouseError('forbidden', refusal)
    const request = protocol === 'https:' ? requestHttps : requestHttp
    const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
    const options = {
      method: 'POST',
      headers: { 'user-agent': userAgent, ...length, ...headers },
      lookup,
      agent: false as const,
      signal: AbortSignal.timeout(timeoutMs),
    }
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(explain(cause, hostname, timeoutMs))
      const outgoing = request(url, options, (incoming) => {
        let text = ''
        incoming.setEncoding('utf8')
        const finish = () => {
          const { statusCode: status = 0, headers: answered } = incoming
          resolve({
            status,
            text: text.slice(0, answerMax),
            retryAfterMs: readRetryAfter(answered['retry-after']),
          })
          incoming.destroy()
        }
        incoming.on('data', (part: string) => {
          text += part
          if (text.length >= answerMax) finish()
        })
        incoming.on('end', finish)
        incoming.on('error', fail)
      })
      outgoing.on('error', fail)
      outgoing.end(body)
    })
  }
}

/** Seconds, as RFC 9110 has it; its form as a date is not used by any service here. */
function readRetryAfter(text: string | undefined): number | null {
  const seconds = Number(text ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null
}

function explain(cause: Error, hostname: string, timeoutMs: number): PilothouseError {
  if (cause instanceof PilothouseError) return cause
  const code = 'code' in cause ? String(cause.code) : cause.name
  return new PilothouseError('unavailable', `${hostname} was not reached: ${wordsOf(code, cause, timeoutMs)}.`, {
    cause,
  })
}

function wordsOf(code: string, cause: Error, timeoutMs: number): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name is not known'
    case 'ECONNREFUSED':
      return 'nothing listens there'
    case 'TimeoutError':
    case 'ABORT_ERR':
    case 'ETIMEDOUT':
      return `no answer within ${timeoutMs / 1_000} s`
    case 'ECONNRESET':
      return 'the connection was cut'
    default:
      return cause.message
  }
}
