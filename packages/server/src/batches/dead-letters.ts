import type { DeadLetterPage } from '@pilothouse/contract'
import type { RouteContext } from '../http/route.ts'
import { findBatch } from './find-batch.ts'
import { LetterReader } from './letter-reader.ts'

/** A page of the requests of a batch that have failed for good, with what was asked. */
export async function readDeadLetters(asked: RouteContext<'batches.dead-letters'>): Promise<DeadLetterPage> {
  const { query, resources } = asked
  const row = await findBatch(asked)
  const { rows, hasMore } = await resources.storage.call('batches.letters', { id: row.id, ...query })
  if (rows.length === 0) return { letters: [], hasMore }
  const reader = await LetterReader.open(row, resources.batches.paths(row.id))
  try {
    const bodies = await reader.readBodies(rows)
    const letters = rows.map((letter) => ({
      line: letter.line,
      customId: letter.custom_id,
      code: letter.code,
      message: letter.message,
      status: letter.status,
      attempts: letter.attempts,
      tookMs: letter.took_ms,
      at: letter.created_ms,
      body: bodies.get(letter.line) ?? null,
    }))
    return { letters, hasMore }
  } finally {
    await reader.close()
  }
}
