import { limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { BatchLogTable } from '../storage/batch-tables.ts'
import type { Tables } from '../storage/tables.ts'

export type BatchNote = { id: string; atMs: number; level?: BatchLogTable['level']; message: string }

/** Writes a line into the log of a batch. What is beyond `limits.batchLogLinesMax` goes, the oldest first. */
export async function appendBatchLog(
  db: Kysely<Tables>,
  { id, atMs, level = 'info', message }: BatchNote,
): Promise<void> {
  const last = await db
    .selectFrom('batch_log')
    .select(({ fn }) => fn.max('n').as('n'))
    .where('batch_id', '=', id)
    .executeTakeFirst()
  const n = Number(last?.n ?? 0) + 1
  await db.insertInto('batch_log').values({ batch_id: id, n, at_ms: atMs, level, message }).execute()
  if (n <= limits.batchLogLinesMax) return
  await db
    .deleteFrom('batch_log')
    .where('batch_id', '=', id)
    .where('n', '<=', n - limits.batchLogLinesMax)
    .execute()
}
