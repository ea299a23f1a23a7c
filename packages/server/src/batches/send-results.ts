import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { PilothouseError, isEndedBatch } from '@pilothouse/contract'
import type { FastifyReply } from 'fastify'
import { sendFile } from '../files/send-file.ts'
import type { RouteContext } from '../http/route.ts'
import type { BatchRow } from './batch-rows.ts'
import { findBatch } from './find-batch.ts'
import { nameResultFiles } from './to-openai-batch.ts'

type Asked = RouteContext<'openai-batches.results'>
type Kind = 'output' | 'error'

/** Between an answer of the storage and the opening of a part file, the batch may have ended. */
const triesMax = 3

/**
 * Results of a batch, those that are committed: of its part file while it goes on, of the file that became of it afterwards.
 * @throws PilothouseError `notFound` for a file that somebody has deleted.
 */
export async function sendResults(asked: Asked, kind: Kind): Promise<FastifyReply> {
  const { request, reply } = asked
  const { row, bytes, handle } = await openResults(asked, kind)
  const name = `${row.name.replace(/\.jsonl$/, '')}.${kind}.jsonl`
  return sendFile({ name, bytes }, { handle, request, reply })
}

type Results = { row: BatchRow; bytes: number; handle: FileHandle | null }

async function openResults(asked: Asked, kind: Kind): Promise<Results> {
  for (let tries = 1; ; tries += 1) {
    const row = await findBatch(asked)
    if (isEndedBatch(row.status)) return openFile(asked, row, kind)
    const bytes = kind === 'output' ? row.output_bytes : row.error_bytes
    if (bytes === 0) return { row, bytes, handle: null }
    try {
      return { row, bytes, handle: await open(asked.resources.batches.paths(row.id)[kind], 'r') }
    } catch (error) {
      if (tries === triesMax) throw error
    }
  }
}

async function openFile({ resources: { files } }: Asked, row: BatchRow, kind: Kind): Promise<Results> {
  const id = nameResultFiles(row)[kind]
  if (id === null) return { row, bytes: 0, handle: null }
  const file = await files.find(id)
  if (file) return { row, bytes: file.bytes, handle: await files.open(id) }
  throw new PilothouseError('notFound', `The file «${id}» with these results is gone.`, {
    hint: 'Somebody has deleted it, or its time was over.',
  })
}
