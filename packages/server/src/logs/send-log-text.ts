import { Readable } from 'node:stream'
import type { logTextQuery } from '@pilothouse/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Resources } from '../resources.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { readRange } from './byte-range.ts'
import { isFiltered } from './line-filter.ts'
import type { LogMeasure } from './read-log-text.ts'
import type { MatchingTextInput } from './read-matching-text.ts'
import type { Range } from './read-segments.ts'

type Query = z.output<typeof logTextQuery>
type Request = {
  uid: string
  query: Query
  request: FastifyRequest
  reply: FastifyReply
  resources: Resources
}

/**
 * The log as plain text, a part at a time: all of it, a range of lines, or those that match. Whoever reads slowly holds
 * one part, of about 1 MB; whoever hangs up ends the reading.
 */
export async function sendLogText({ uid, query, request, reply, resources }: Request): Promise<FastifyReply> {
  const { storage } = resources
  const { attempt, from, count } = query
  const measure = await storage.call('logs.measure', { uid, attempt, from, count })
  reply.type('text/plain; charset=utf-8')
  if (query.download) reply.header('content-disposition', `attachment; filename="${nameFile(uid, query, measure)}"`)
  if (isFiltered(query)) return sendMatches(reply, storage, { uid, attempt: measure.attempt, query, ...measure.lines })
  reply.header('accept-ranges', 'bytes')
  const size = measure.bytes.to - measure.bytes.from
  const range = readRange(request.headers.range, size)
  if (range.kind === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${size}`).send('')
  const part = range.kind === 'part' ? range : { from: 0, to: size }
  if (range.kind === 'part') reply.code(206).header('content-range', `bytes ${part.from}-${part.to - 1}/${size}`)
  reply.header('content-length', part.to - part.from)
  const bytes = { from: measure.bytes.from + part.from, to: measure.bytes.from + part.to }
  return reply.send(Readable.from(streamText(storage, { uid, attempt: measure.attempt, ...bytes })))
}

/** The first part is read before anything is sent: what cannot be searched for is then answered as an error. */
async function sendMatches(
  reply: FastifyReply,
  storage: StorageClient,
  input: MatchingTextInput,
): Promise<FastifyReply> {
  const first = await storage.call('logs.matching-text', input)
  reply.header('accept-ranges', 'none')
  return reply.send(Readable.from(streamMatches(storage, input, first)))
}

async function* streamMatches(
  storage: StorageClient,
  input: MatchingTextInput,
  first: { text: Uint8Array; next: number | null },
): AsyncGenerator<Buffer> {
  for (let part = first; ; part = await storage.call('logs.matching-text', { ...input, from: part.next })) {
    if (part.text.length > 0) yield toBuffer(part.text)
    if (part.next === null) return
  }
}

async function* streamText(
  storage: StorageClient,
  input: { uid: string; attempt: number } & Range,
): AsyncGenerator<Buffer> {
  let from = input.from
  while (from < input.to) {
    const bytes = await storage.call('logs.text', { ...input, from })
    if (bytes.length === 0) return
    from += bytes.length
    yield toBuffer(bytes)
  }
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** What is in the file stands in its name; lines are counted from 1 there. */
function nameFile(uid: string, query: Query, { attempt, lines }: LogMeasure): string {
  const isPart = query.from !== undefined || query.count !== undefined
  const parts = [
    `${uid}-${attempt}`,
    ...(isPart ? [`lines-${lines.from + 1}-${lines.to}`] : []),
    ...(query.stream === undefined ? [] : [query.stream]),
    ...(query.level ?? []),
    ...(query.text ? ['matches'] : []),
  ]
  return `${parts.join('-')}.log`
}
