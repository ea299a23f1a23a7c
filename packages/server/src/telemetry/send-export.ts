import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { ExportFormat } from '@pilothouse/contract'
import type { Resources } from '../resources.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { type ExportPlace, type ExportQuery, type ExportRun, type ExportSelection, csvHead } from './export-metrics.ts'
import { writeJson } from './write-json.ts'
import { writeParquet } from './write-parquet.ts'

type Query = ExportSelection & { format: ExportFormat }
type Request = { uid: string; query: Query; reply: FastifyReply; resources: Resources }

const types: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  json: 'application/json; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** Every point as a download, a slice at a time: the next is asked for when the reader has taken the one before. */
export async function sendExport({ uid, query, reply, resources }: Request): Promise<FastifyReply> {
  const { format } = query
  const stream = await openStream(resources.storage, uid, query)
  return reply
    .type(types[format])
    .header('content-disposition', `attachment; filename="${uid}-metrics.${format}"`)
    .send(Readable.from(stream))
}

async function openStream(storage: StorageClient, uid: string, query: Query): Promise<AsyncGenerator<Buffer>> {
  const { format } = query
  switch (format) {
    case 'csv':
    case 'ndjson':
      return streamText(storage, uid, { ...query, format })
    case 'json':
      return writeJson(uid, await openRuns(storage, uid, query))
    case 'parquet':
      return writeParquet(uid, await openRuns(storage, uid, query))
    default:
      return format satisfies never
  }
}

/** The first slice is read before anything is sent: it decides between 200 and an error. */
async function streamText(storage: StorageClient, uid: string, query: ExportQuery): Promise<AsyncGenerator<Buffer>> {
  const read = (place: ExportPlace | null) => storage.call('metrics.export', { uid, query, place })
  const first = await read(null)
  return (async function* stream() {
    yield Buffer.concat([Buffer.from(query.format === 'csv' ? csvHead : ''), first.bytes])
    for (let place = first.next; place !== null;) {
      const { bytes, next } = await read(place)
      place = next
      if (bytes.length > 0) yield Buffer.from(bytes)
    }
  })()
}

/** The same as columns. */
async function openRuns(storage: StorageClient, uid: string, query: Query): Promise<AsyncGenerator<ExportRun[]>> {
  const { format: _, ...selection } = query
  const read = (place: ExportPlace | null) => storage.call('metrics.export-runs', { uid, query: selection, place })
  const first = await read(null)
  return (async function* stream() {
    yield first.runs
    for (let place = first.next; place !== null;) {
      const { runs, next } = await read(place)
      place = next
      yield runs
    }
  })()
}
