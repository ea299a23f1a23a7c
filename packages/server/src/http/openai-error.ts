/** Errors below /v1 have the shape that clients of OpenAI's API read; the status says the same as elsewhere. */
import type { ErrorCode, PilothouseError } from '@pilothouse/contract'

export type OpenAiErrorBody = {
  error: {
    /** What happened, and what to do next. */
    message: string
    type: OpenAiErrorType
    /** Path of the field at fault. */
    param: string | null
    code: ErrorCode
  }
}
export const openAiErrorTypes = [
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'rate_limit_error',
  'server_error',
] as const
type OpenAiErrorType = (typeof openAiErrorTypes)[number]

/** True for addresses that speak as OpenAI's API does. */
export function isOpenAiPath(url: string): boolean {
  return url === '/v1' || /^\/v1[/?]/.test(url)
}

export function toOpenAiBody({ code, message, hint, field }: PilothouseError): OpenAiErrorBody {
  return { error: { message: `${message} ${hint}`, type: toType(code), param: field ?? null, code } }
}

/** Its clients wait at most so long before they repeat a call, whatever `retry-after` says, s. */
const waitedMax = 60

/** Its clients repeat 409, 429 and 5xx by themselves; of these a repetition is refused as well, or comes too early. */
export function mayRetry(error: PilothouseError): boolean {
  return error.code !== 'conflict' && error.code !== 'diskFull' && readPatience(error) < waitedMax
}

/** After how long another try makes sense, s: errors that know it expect «5 s of patience». */
export function readPatience({ expected }: PilothouseError): number {
  return Number(/^(\d+) s of patience$/.exec(expected ?? '')?.[1] ?? 1)
}

function toType(code: ErrorCode): OpenAiErrorType {
  switch (code) {
    case 'malformed':
    case 'invalid':
    case 'conflict':
    case 'tooLarge':
    case 'unsupportedMediaType':
      return 'invalid_request_error'
    case 'unauthenticated':
    case 'expired':
      return 'authentication_error'
    case 'forbidden':
    case 'wrongHost':
    case 'wrongOrigin':
      return 'permission_error'
    case 'notFound':
      return 'not_found_error'
    case 'rateLimited':
      return 'rate_limit_error'
    case 'internal':
    case 'unavailable':
    case 'diskFull':
      return 'server_error'
  }
}
