import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Resources } from '../resources.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { type ExportPlace, type ExportQuery, csvHead } from './export-metrics.ts'

type Request = { uid: string; query: ExportQuery; reply: FastifyReply; resources: Resources }

/** Every point as a download, a slice at a time: the next is asked for when the reader has taken the one before. */
export async function sendExport({ uid, query, reply, resources }: Request): Promise<FastifyReply> {
  const { storage } = resources
  // The first slice decides between 200 and an error.
  const first = await storage.call('metrics.export', { uid, query, place: null })
  const csv = query.format === 'csv'
  return reply
    .type(csv ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
    .header('content-disposition', `attachment; filename="${uid}-metrics.${csv ? 'csv' : 'ndjson'}"`)
    .send(Readable.from(streamSlices(storage, { uid, query, head: csv ? csvHead : '', first })))
}

type Stream = { uid: string; query: ExportQuery; head: string; first: { bytes: Uint8Array; next: ExportPlace | null } }

async function* streamSlices(storage: StorageClient, { uid, query, head, first }: Stream): AsyncGenerator<Buffer> {
  yield Buffer.concat([Buffer.from(head), first.bytes])
  let place = first.next
  while (place !== null) {
    const { bytes, next } = await storage.call('metrics.export', { uid, query, place })
    place = next
    if (bytes.length > 0) yield Buffer.from(bytes)
  }
}
