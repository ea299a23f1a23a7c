/** The one way out for everything that goes wrong in a request. */
import { PilothouseError, limits } from '@pilothouse/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isOpenAiPath, mayRetry, readPatience, toOpenAiBody } from './openai-error.ts'

/** Answers with the `ErrorBody` of `error`; what was not foreseen is logged and told as `internal`. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toPilothouseError(error, request)
  if (known.code === 'internal')
    request.log.error(
      { requestId: request.id, err: error, cause: known.cause, method: request.method, url: request.routeOptions.url },
      'request failed',
    )
  if (known.status === 401) reply.header('www-authenticate', 'Bearer')
  if (known.code === 'rateLimited' || known.code === 'unavailable') reply.header('retry-after', readPatience(known))
  reply.code(known.status).header('cache-control', 'no-store')
  if (!isOpenAiPath(request.url)) return reply.send(known.toBody(request.id))
  if (!mayRetry(known)) reply.header('x-should-retry', 'false')
  return reply.header('x-request-id', request.id).send(toOpenAiBody(known))
}

/** Any error as one of the closed table. */
export function toPilothouseError(error: unknown, request: FastifyRequest): PilothouseError {
  if (error instanceof PilothouseError) return error
  const { code, status, message } = readFastifyError(error)
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new PilothouseError(
        'tooLarge',
        `The body is larger than ${request.routeOptions.bodyLimit ?? limits.bodyBytesMax} bytes.`,
        { cause: error },
      )
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new PilothouseError(
        'unsupportedMediaType',
        `A body of type «${readType(request)}» is not understood here.`,
        { cause: error },
      )
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new PilothouseError('malformed', 'The body has another length than Content-Length says.', { cause: error })
    case 'FST_ERR_BAD_URL':
      return new PilothouseError('invalid', 'The address is not a valid URL.', { cause: error })
    default:
      break
  }
  if (status === 503) return new PilothouseError('unavailable', 'The server is stopping.', { cause: error })
  if (status !== undefined && status >= 400 && status < 500)
    return new PilothouseError('malformed', message, { cause: error })
  return new PilothouseError('internal', 'Something went wrong in the server.', { cause: error })
}

/** What Fastify's own errors carry. */
function readFastifyError(error: unknown): { code?: string; status?: number; message: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined
  return {
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
  }
}

function readType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? 'none').slice(0, 128)
}
