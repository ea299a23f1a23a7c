/**
 * How batches come to their end, as the storage knows it. What a batch of each status waits for:
 *
 *   in_progress   every request done: `finalizing` (`begin-end`). Its time over: marked as expiring, so that no result is taken any
 *                 more; then lines for the rest, its files, `expired`
 *   finalizing    its files, then `completed`
 *   cancelling    lines for the rest, its files, then `cancelled`
 */
import type { BatchStatus } from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import { appendBatchLog } from '../batches/append-batch-log.ts'
import { tellBatchEnd } from '../batches/tell-batch-end.ts'
import type { BatchTable } from '../storage/batch-tables.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { keepPoint } from './keep-point.ts'
import type { ResultLengths } from './result-operations.ts'

const openStatuses = ['in_progress', 'finalizing', 'cancelling'] as const satisfies BatchStatus[]

/** `due`: those that are to be brought to their end now; `working`: how many others are in progress, and when the first expires. */
export type WorkDue = { due: string[]; working: number; nextMs: number | null }

const findDue: Operation<{ nowMs: number }, WorkDue> = async ({ db }, { nowMs }) => {
  const rows = await db.selectFrom('batch').selectAll().where('status', 'in', openStatuses).execute()
  const isWorking = (row: Selectable<BatchTable>): boolean => chooseEnd(row, nowMs) === null
  const working = rows.filter(isWorking)
  return {
    due: rows.filter((row) => !isWorking(row)).map(({ id }) => id),
    working: working.length,
    nextMs: working.length === 0 ? null : Math.min(...working.map((row) => row.expires_ms)),
  }
}

/** Those whose result files grow, or have grown. */
const listOpen: Operation<null, { id: string; lengths: ResultLengths }[]> = async ({ db }) => {
  const rows = await db.selectFrom('batch').selectAll().where('status', 'in', openStatuses).execute()
  return rows.map((row) => ({ id: row.id, lengths: { output: row.output_bytes, error: row.error_bytes } }))
}

/** Of these, the batches that have ended; `hasLetters`: some of their requests are kept to be sent again. */
const findEnded: Operation<{ ids: readonly string[] }, { id: string; hasLetters: boolean }[]> = async (
  { db },
  { ids },
) => {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('batch')
    .select('id')
    .where('id', 'in', ids)
    .where('status', 'in', ['completed', 'expired', 'cancelled', 'failed'])
    .execute()
  return Promise.all(rows.map(async ({ id }) => ({ id, hasLetters: await hasLetters(db, id) })))
}

export type EndingBatch = {
  id: string
  ownerId: number
  end: 'completed' | 'expired' | 'cancelled'
  outputFileId: string
  errorFileId: string
  isOrdered: boolean
  total: number
  /** Its files are kept for so long; null: until somebody deletes them. */
  filesLifeMs: number | null
}

/** Marks a batch as coming to its end where that is due; null where it is not. Repeating it changes nothing. */
const beginEnd: Operation<{ batchId: string; nowMs: number }, EndingBatch | null> = async (
  { db },
  { batchId, nowMs },
) => {
  const row = await db.selectFrom('batch').selectAll().where('id', '=', batchId).executeTakeFirst()
  const end = row ? chooseEnd(row, nowMs) : null
  if (!row || end === null) return null
  if (row.status === 'in_progress' && row.is_expiring === 0) await markEnd(db, { id: batchId, end, nowMs })
  return {
    id: batchId,
    ownerId: row.owner_id,
    end,
    outputFileId: row.output_file_id,
    errorFileId: row.error_file_id,
    isOrdered: row.is_ordered === 1,
    total: row.total,
    filesLifeMs: row.files_life_s === null ? null : row.files_life_s * 1000,
  }
}

export type OpenShard = { shard: number; first: number; count: number; done: string }

/** Shards with requests that have no result, from one number on. */
const listOpenShards: Operation<{ batchId: string; from: number; limit: number }, OpenShard[]> = ({ db }, input) =>
  db
    .selectFrom('batch_shard')
    .select(['shard', 'first', 'count', 'done'])
    .where('batch_id', '=', input.batchId)
    .where('shard', '>=', input.from)
    .where('is_done', '=', 0)
    .orderBy('shard')
    .limit(input.limit)
    .execute()

/** Ends a batch whose files are there; one that has ended stays as it is. `hasLetters`: requests are kept to be sent again. */
const finishBatch: Operation<
  { batchId: string; end: EndingBatch['end']; nowMs: number },
  { hasLetters: boolean }
> = async (context, { batchId, end, nowMs }) => {
  const { db } = context
  const row = await db.selectFrom('batch').selectAll().where('id', '=', batchId).executeTakeFirst()
  if (row && openStatuses.some((status) => status === row.status)) {
    await db.updateTable('batch').set({ status: end, ended_ms: nowMs }).where('id', '=', batchId).execute()
    await db.deleteFrom('batch_shard').where('batch_id', '=', batchId).execute()
    await keepPoint(db, row, { atMs: nowMs, always: true })
    const message = `${endWords[end]}: ${row.completed} of ${row.total} requests answered, ${row.failed} without an answer.`
    await appendBatchLog(db, { id: batchId, atMs: nowMs, level: 'info', message })
    await tellBatchEnd(context, batchId)
  }
  return { hasLetters: await hasLetters(db, batchId) }
}

export const endOperations = {
  'work.due': findDue,
  'work.open': listOpen,
  'work.ended': findEnded,
  'work.begin-end': beginEnd,
  'work.open-shards': listOpenShards,
  'work.finish': finishBatch,
}

export const endReads = ['work.due', 'work.open', 'work.ended', 'work.open-shards'] as const

const endWords = { completed: 'Completed', expired: 'Expired', cancelled: 'Cancelled' } as const

/** How a batch ends that is to be brought to its end; null where it goes on. */
function chooseEnd(row: Selectable<BatchTable>, nowMs: number): EndingBatch['end'] | null {
  switch (row.status) {
    case 'finalizing':
      return 'completed'
    case 'cancelling':
      return 'cancelled'
    case 'in_progress':
      if (row.is_expiring === 1) return 'expired'
      if (row.completed + row.failed >= row.total) return 'completed'
      return row.expires_ms <= nowMs ? 'expired' : null
    case 'validating':
    case 'failed':
    case 'completed':
    case 'expired':
    case 'cancelled':
      return null
  }
}

async function markEnd(
  db: Kysely<Tables>,
  { id, end, nowMs }: { id: string; end: EndingBatch['end']; nowMs: number },
): Promise<void> {
  const isExpired = end === 'expired'
  const change = isExpired ? { is_expiring: 1 as const } : { status: 'finalizing' as const, finalizing_ms: nowMs }
  await db.updateTable('batch').set(change).where('id', '=', id).execute()
  const message = isExpired
    ? 'Its time is over: requests without an answer come back as batch_expired.'
    : 'Every request has its result: the files are made.'
  await appendBatchLog(db, { id, atMs: nowMs, level: isExpired ? 'warning' : 'info', message })
}

async function hasLetters(db: Kysely<Tables>, batchId: string): Promise<boolean> {
  const row = await db.selectFrom('dead_letter').select('line').where('batch_id', '=', batchId).limit(1).execute()
  return row.length > 0
}
