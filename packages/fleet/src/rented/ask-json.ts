/**
 * One request to a provider: JSON over `node:http`, which costs 8 MB less than `fetch` where nothing else is loaded.
 *
 * The key goes to the provider's own origin only, in a header; no error has it in its words, or anything of an answer that could
 * not be read: there are tokens of machines in answers.
 */
import type { IncomingMessage, RequestOptions } from 'node:http'
import { chooseRequest } from '../choose-request.ts'
import { ProviderError } from './provider.ts'

export type JsonRequest = {
  /** The provider's name, for words. */
  provider: string
  url: URL
  /** Null: this is asked of somebody who must not have it. */
  key: string | null
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | undefined
  body?: unknown
  signal?: AbortSignal | undefined
  timeoutMs?: number | undefined
}

/** @throws ProviderError; the signal's reason when that is aborted */
export type AskJson = (request: JsonRequest) => Promise<unknown>

export const askLimits = {
  /** Of a request as a whole. */
  timeoutMs: 10_000,
  answerBytesMax: 8 * 1024 * 1024,
  redirectsMax: 3,
  /** Of a provider's own words in ours. */
  wordsMax: 300,
} as const

export type TextAnswer = { status: number; text: string; retryAfterMs: number | null }

/** An answer without a body is null. */
export const askJson: AskJson = async (request) => {
  const { status, text, retryAfterMs } = await askText(request)
  if (status >= 200 && status < 300) return text.trim() === '' ? null : parseJson(text, request)
  throw explainStatus(request, { status, text, retryAfterMs })
}

/**
 * The same for text, whatever its status.
 * @throws ProviderError when there is no whole answer
 */
export async function askText(request: JsonRequest): Promise<TextAnswer> {
  const { signal, provider, timeoutMs = askLimits.timeoutMs } = request
  const timeout = AbortSignal.timeout(timeoutMs)
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout
  try {
    return await followRedirects(request, either)
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof ProviderError) throw cause
    if (timeout.aborted)
      throw new ProviderError('unreachable', `${provider} did not answer within ${timeoutMs / 1_000} s.`, {
        hint: 'It is asked again; see its status page if this goes on.',
        cause,
      })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ProviderError('unreachable', `${provider} cannot be reached: ${tidy(why, request.key)}`, {
      hint: 'Check that this machine has a way to the internet.',
      cause,
    })
  }
}

async function followRedirects(request: JsonRequest, signal: AbortSignal): Promise<TextAnswer> {
  let { url } = request
  for (let hops = 0; ; hops += 1) {
    const answer = await askOnce({ ...request, url }, signal)
    const { status, location } = answer
    if (status < 300 || status >= 400 || location === null) return answer
    const next = URL.parse(location, url.href)
    const isOwn = next !== null && next.origin === url.origin && (request.method ?? 'GET') === 'GET'
    if (next === null || !isOwn || hops >= askLimits.redirectsMax)
      throw new ProviderError('broken', `${request.provider} sends us elsewhere, where the key must not go.`, {
        hint: 'Check the address of the provider; a proxy may ask for a login.',
      })
    url = next
  }
}

type Answer = TextAnswer & { location: string | null }

/** A kept connection that the other side has closed meanwhile is no failure: what only reads is asked once more. */
async function askOnce(request: JsonRequest, signal: AbortSignal): Promise<Answer> {
  try {
    return await send(request, signal)
  } catch (error) {
    const mayRepeat = (request.method ?? 'GET') === 'GET' && error instanceof LostConnection
    if (!mayRepeat) throw error instanceof LostConnection ? error.cause : error
    return send(request, signal)
  }
}

class LostConnection extends Error {}

function send(request: JsonRequest, signal: AbortSignal): Promise<Answer> {
  const { url, key, method = 'GET', body } = request
  const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body))
  const options: RequestOptions = {
    method,
    signal,
    headers: {
      accept: 'application/json',
      'user-agent': 'pilothouse',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(bytes === null ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
    },
  }
  return new Promise((resolve, reject) => {
    const sent = chooseRequest(url)(url, options, (response) => {
      readBody(response, request).then(resolve, reject)
    })
    sent.once('error', (cause: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && cause.code === 'ECONNRESET'
      reject(isStale ? new LostConnection('', { cause }) : cause)
    })
    sent.end(bytes ?? undefined)
  })
}

async function readBody(response: IncomingMessage, { provider }: JsonRequest): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    const part = chunk as Buffer // no encoding was set
    bytes += part.length
    if (bytes > askLimits.answerBytesMax)
      throw new ProviderError('broken', `${provider} answers without end.`, {
        hint: 'Check the address of the provider.',
      })
    chunks.push(part)
  }
  const { statusCode = 0, headers } = response
  return {
    status: statusCode,
    text: Buffer.concat(chunks).toString(),
    location: headers.location ?? null,
    retryAfterMs: readRetryAfter(headers['retry-after']),
  }
}

/** In seconds; a date is not believed, clocks differ. */
function readRetryAfter(text: string | undefined): number | null {
  const seconds = Number(text ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null
}

/** What the parser says of a text quotes it: that is not handed on. */
function parseJson(text: string, { provider }: JsonRequest): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProviderError('broken', `${provider} answered with what is no JSON.`, {
      hint: 'It is asked again; a proxy on the way may answer in its place.',
    })
  }
}

/** What a status other than 2xx means. */
function explainStatus(request: JsonRequest, answer: TextAnswer): ProviderError {
  const { provider, key } = request
  const { status, text, retryAfterMs } = answer
  const words = tidy(findWords(text), key)
  const said = words === '' ? '' : ` It says: ${words}`
  if (status === 401 || status === 403 || isExpired(status, words))
    return new ProviderError('denied', `${provider} refuses the key (${status}).${said}`, {
      hint: 'Check the key, its rights, and that it has not been revoked.',
    })
  if (status === 404) return new ProviderError('notFound', `${provider} knows no such thing.${said}`, notThere)
  if (status === 429)
    return new ProviderError('busy', `${provider} is asked too often (429).`, {
      hint: 'It is asked again later; other programs with the same account count, too.',
      retryAfterMs,
    })
  if (status >= 400 && status < 500)
    return new ProviderError('refused', `${provider} refuses this (${status}).${said}`, {
      hint: 'What it says tells why.',
    })
  return new ProviderError('broken', `${provider} failed (${status}).${said}`, {
    hint: 'It is asked again; see its status page if this goes on.',
    retryAfterMs,
  })
}

const notThere = { hint: 'It may have been destroyed meanwhile; look at the list.' }

/** Vast answers so where a session of two-factor authentication is over. */
function isExpired(status: number, words: string): boolean {
  return status === 404 && /session expired/i.test(words)
}

/** The sentence in an error's body, in the places where providers have it; a page of HTML has none. */
function findWords(text: string): string {
  let told: unknown
  try {
    told = JSON.parse(text)
  } catch {
    return text.trimStart().startsWith('<') ? '' : text
  }
  const first: unknown = Array.isArray(told) ? told[0] : told
  if (typeof first !== 'object' || first === null) return ''
  const fields: Record<string, unknown> = { ...first }
  const words = ['msg', 'message', 'detail', 'problem', 'error'].map((name) => fields[name])
  return words.find((word) => typeof word === 'string') ?? ''
}

/** On one line, short, and without the key, whoever put it there. */
export function tidy(text: string, key: string | null): string {
  const clean = text.replaceAll(/\p{C}+/gu, ' ').trim()
  const hidden = key === null || key === '' ? clean : clean.replaceAll(key, '[key]')
  return hidden.slice(0, askLimits.wordsMax)
}
