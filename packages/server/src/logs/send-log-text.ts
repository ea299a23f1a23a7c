import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Resources } from '../resources.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { readRange } from './byte-range.ts'

type Request = {
  uid: string
  query: { attempt?: number | undefined; download: boolean }
  request: FastifyRequest
  reply: FastifyReply
  resources: Resources
}

/** The log as plain text, a part at a time; or the byte range that the request names. */
export async function sendLogText({ uid, query, request, reply, resources }: Request): Promise<FastifyReply> {
  const { storage } = resources
  const { attempt, bytes } = await storage.call('logs.measure', { uid, attempt: query.attempt })
  const range = readRange(request.headers.range, bytes)
  reply.type('text/plain; charset=utf-8').header('accept-ranges', 'bytes')
  if (query.download) reply.header('content-disposition', `attachment; filename="${uid}-${attempt}.log"`)
  if (range.kind === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${bytes}`).send('')
  const part = range.kind === 'part' ? range : { from: 0, to: bytes }
  if (range.kind === 'part') reply.code(206).header('content-range', `bytes ${part.from}-${part.to - 1}/${bytes}`)
  reply.header('content-length', part.to - part.from)
  return reply.send(Readable.from(streamText(storage, { uid, attempt, ...part })))
}

async function* streamText(
  storage: StorageClient,
  input: { uid: string; attempt: number; from: number; to: number },
): AsyncGenerator<Buffer> {
  let from = input.from
  while (from < input.to) {
    const bytes = await storage.call('logs.text', { ...input, from })
    if (bytes.length === 0) return
    from += bytes.length
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}
