import type { ErrorCode } from '@pilothouse/contract'
import { errorCodes, PilothouseError } from '@pilothouse/contract/wire'

/** Turns an answer that is no success into the error that the server meant; a foreign one by its status. */
export async function readError(response: Response): Promise<PilothouseError> {
  const stated = readBody(parseJson(await response.text().catch(() => '')))
  if (stated) return stated
  const code = codeOfStatus(response.status)
  return new PilothouseError(code, `The server answered ${response.status} ${response.statusText}`.trim() + '.')
}

/** The error that a body of the server states. */
export function toError(body: unknown): PilothouseError {
  return readBody(body) ?? new PilothouseError('internal', 'The server refused it without a reason.')
}

function readBody(body: unknown): PilothouseError | undefined {
  const error = field(body, 'error')
  const code = field(error, 'code')
  const message = field(error, 'message')
  if (!isErrorCode(code) || typeof message !== 'string') return undefined
  // OpenAI's form, below /v1, has its hint in the message.
  const isOpenAi = typeof field(error, 'type') === 'string'
  const details = isOpenAi
    ? { field: field(error, 'param'), hint: '' }
    : { field: field(error, 'field'), expected: field(error, 'expected'), hint: field(error, 'hint') }
  const given = Object.entries(details).filter(([, value]) => typeof value === 'string')
  return new PilothouseError(code, message, Object.fromEntries(given))
}

function codeOfStatus(status: number): ErrorCode {
  const codes = Object.keys(errorCodes) as ErrorCode[] // keys of a literal object
  return codes.find((code) => errorCodes[code].status === status) ?? (status >= 502 ? 'unavailable' : 'internal')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no JSON: a proxy's page, say; the status then speaks
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? (value as Record<string, unknown>)[key] // an object that has the key
    : undefined
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}
