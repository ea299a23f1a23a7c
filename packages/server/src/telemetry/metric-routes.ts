import type { FastifyReply, FastifyRequest } from 'fastify'
import { frameContentType } from '@pilothouse/contract'
import type { Handlers } from '../http/route.ts'
import { sendExport } from './send-export.ts'

export const metricHandlers: Handlers<
  'metrics.query' | 'metrics.latest' | 'metrics.export' | 'admin.metrics' | 'admin.latest'
> = {
  'metrics.query': async ({ params, query, request, reply, resources }) =>
    sendMetrics(
      reply,
      request,
      await resources.storage.call('metrics.query', { uid: params.uid, query, format: wantedFormat(request) }),
    ),
  'metrics.latest': async ({ params, query, reply, resources }) =>
    sendJson(reply, await resources.storage.call('metrics.latest', { uid: params.uid, query })),
  'metrics.export': ({ params, query, reply, resources }) => sendExport({ uid: params.uid, query, reply, resources }),
  'admin.metrics': (context) => metricHandlers['metrics.query'](context),
  'admin.latest': (context) => metricHandlers['metrics.latest'](context),
}

/** A frame where the caller asks for one, else JSON. */
export function wantedFormat(request: FastifyRequest): 'json' | 'frame' {
  return request.headers.accept?.includes(frameContentType) ? 'frame' : 'json'
}

/** Sends an answer that the storage thread has encoded already. */
export function sendMetrics(reply: FastifyReply, request: FastifyRequest, bytes: Uint8Array): FastifyReply {
  const type = wantedFormat(request) === 'frame' ? frameContentType : 'application/json; charset=utf-8'
  return reply
    .header('vary', 'accept')
    .type(type)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

/** JSON in which non-finite numbers are words already. */
export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(value))
}
