import type { FileHandle } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatDisposition } from '../http/format-disposition.ts'
import { readRange } from '../logs/byte-range.ts'
import type { FileRow } from './file-operations.ts'

/** `handle`: null where there is nothing to send. */
type Request = { handle: FileHandle | null; request: FastifyRequest; reply: FastifyReply }

/** The bytes of a file, or one range of them. Whatever is in it, a browser only ever saves it. Closes `handle`. */
export async function sendFile(
  row: Pick<FileRow, 'name' | 'bytes'>,
  { handle, request, reply }: Request,
): Promise<FastifyReply> {
  reply
    .type(row.name.endsWith('.jsonl') ? 'application/jsonl' : 'application/octet-stream')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('x-content-type-options', 'nosniff')
    .header('content-disposition', formatDisposition(row.name))
    .header('accept-ranges', 'bytes')
  const range = readRange(request.headers.range, row.bytes)
  const { from, to } = range.kind === 'part' ? range : { from: 0, to: row.bytes }
  const isEmpty = range.kind === 'unsatisfiable' || from === to || handle === null
  if (isEmpty || request.method === 'HEAD') await handle?.close()
  if (range.kind === 'unsatisfiable') reply.code(416).header('content-range', `bytes */${row.bytes}`)
  if (range.kind === 'part') reply.code(206).header('content-range', `bytes ${from}-${to - 1}/${row.bytes}`)
  if (isEmpty) return reply.send('')
  reply.header('content-length', to - from)
  if (request.method === 'HEAD') return reply.send()
  return reply.send(handle.createReadStream({ start: from, end: to - 1, highWaterMark: 256 * 1024 }))
}
