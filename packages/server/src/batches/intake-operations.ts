/** From the creation of a batch to its first shard, and the wish that it ends. */
import { type BatchStatus, PilothouseError, endedBatchStatuses, isEndedBatch } from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import type { BatchTable } from '../storage/batch-tables.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { appendBatchLog } from './append-batch-log.ts'
import { type BatchReader, type BatchRow, findRow, selectBatches } from './batch-rows.ts'
import type { ShardCut } from './cut-shards.ts'
import { tellBatchEnd } from './tell-batch-end.ts'

/** Bounds of admission: batches of one member that are not over, and requests of all that wait. */
export type BatchBounds = { activeMax: number; waitingMax: number }

type Insert = { row: Selectable<BatchTable>; bounds: BatchBounds; notes: readonly string[] }

/**
 * Keeps a new batch. One that its owner has made with the same key already is the answer instead.
 * @throws PilothouseError `rateLimited` beyond `bounds`.
 */
const insertBatch: Operation<Insert, BatchRow> = async ({ db }, { row, bounds, notes }) => {
  const known = await findByKey(db, { ownerId: row.owner_id, key: row.idempotency_key })
  if (known) return known
  await refuseMany(db, row.owner_id, bounds)
  await db.insertInto('batch').values(row).execute()
  for (const message of notes) await appendBatchLog(db, { id: row.id, atMs: row.created_ms, message })
  return readRow(db, row.id)
}

/** Before anything is sent. @throws PilothouseError as `insertBatch`. */
const admitBatch: Operation<{ ownerId: number; bounds: BatchBounds }, null> = async ({ db }, { ownerId, bounds }) => {
  await refuseMany(db, ownerId, bounds)
  return null
}

/** The batch that a member has made with a key. */
const findKeyed: Operation<{ ownerId: number; key: string }, BatchRow | null> = async ({ db }, input) =>
  findByKey(db, input)

/** Batches whose input is still to be checked, the oldest first. */
const listValidating: Operation<null, string[]> = async ({ db }) => {
  const rows = await db.selectFrom('batch').select('id').where('status', '=', 'validating').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

/** Which of these are batches. */
const findKnown: Operation<{ ids: readonly string[] }, string[]> = async ({ db }, { ids }) => {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('batch').select('id').where('id', 'in', ids).execute()
  return rows.map(({ id }) => id)
}

/** Forgets shards that a check has left which was broken off. */
const clearShards: Operation<{ id: string }, null> = async ({ db }, { id }) => {
  await db.deleteFrom('batch_shard').where('batch_id', '=', id).execute()
  return null
}

type AddShards = { id: string; from: number; shards: readonly ShardCut[] }

/** Adds shards of a batch that is still being checked; false: it no longer is. */
const addShards: Operation<AddShards, boolean> = async ({ db }, { id, from, shards }) => {
  if ((await readRow(db, id)).status !== 'validating') return false
  const rows = shards.map(({ first, count }, at) => ({
    batch_id: id,
    shard: from + at,
    first,
    count,
    done: Buffer.alloc(Math.ceil(count / 8)).toString('base64'),
    is_done: 0 as const,
    worker: null,
    epoch: 0,
    lease_until_ms: 0,
  }))
  // A statement binds a limited number of values.
  for (let at = 0; at < rows.length; at += 500)
    await db
      .insertInto('batch_shard')
      .values(rows.slice(at, at + 500))
      .execute()
  return true
}

type Begin = { id: string; total: number; model: string; nowMs: number }

/** Its input is in order. False: it is no longer being checked. */
const beginBatch: Operation<Begin, boolean> = async ({ db }, { id, total, model, nowMs }) => {
  const change = { status: 'in_progress', total, model, in_progress_ms: nowMs } as const
  if (!(await leaveValidating(db, id, change))) return false
  const message = `The input is in order: ${total} ${total === 1 ? 'request' : 'requests'} for «${model}».`
  await appendBatchLog(db, { id, atMs: nowMs, message })
  return true
}

type Fail = { id: string; faults: string; message: string; nowMs: number }

/** Its input has faults, `{ count, shown }` as JSON. */
const failBatch: Operation<Fail, null> = async (context, { id, faults, message, nowMs }) => {
  const { db } = context
  if (await leaveValidating(db, id, { status: 'failed', faults, ended_ms: nowMs })) {
    await clearShardsOf(db, id)
    await appendBatchLog(db, { id, atMs: nowMs, level: 'error', message })
    await tellBatchEnd(context, id)
  }
  return null
}

type Cancel = { id: string; reader: BatchReader; byName: string; nowMs: number }

/**
 * Asks for the end of a batch. One whose input is not checked yet has ended with that. null: there is none for `reader`.
 * @throws PilothouseError `conflict` for one that is over, or about to be.
 */
const cancelBatch: Operation<Cancel, BatchRow | null> = async (context, { id, reader, byName, nowMs }) => {
  const { db } = context
  const row = await findRow(db, id, reader)
  if (!row || row.status === 'cancelling') return row
  if (isEndedBatch(row.status) || row.status === 'finalizing') throw cannotCancel(row.status)
  const change =
    row.status === 'validating'
      ? ({ status: 'cancelled', cancelling_ms: nowMs, ended_ms: nowMs } as const)
      : ({ status: 'cancelling', cancelling_ms: nowMs } as const)
  await db.updateTable('batch').set(change).where('id', '=', id).execute()
  await appendBatchLog(db, { id, atMs: nowMs, message: `Cancelled by ${byName}.` })
  if (change.status === 'cancelled') {
    await clearShardsOf(db, id)
    await tellBatchEnd(context, id)
  }
  return readRow(db, id)
}

export const intakeOperations = {
  'batches.insert': insertBatch,
  'batches.admit': admitBatch,
  'batches.find-keyed': findKeyed,
  'batches.validating': listValidating,
  'batches.known': findKnown,
  'batches.clear-shards': clearShards,
  'batches.add-shards': addShards,
  'batches.begin': beginBatch,
  'batches.fail': failBatch,
  'batches.cancel': cancelBatch,
}
export const intakeReads = ['batches.admit', 'batches.find-keyed', 'batches.validating', 'batches.known'] as const

/** False: it was not being checked. */
async function leaveValidating(
  db: Kysely<Tables>,
  id: string,
  change: Partial<Selectable<BatchTable>>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('batch')
    .set(change)
    .where('id', '=', id)
    .where('status', '=', 'validating')
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

async function clearShardsOf(db: Kysely<Tables>, id: string): Promise<void> {
  await db.deleteFrom('batch_shard').where('batch_id', '=', id).execute()
}

async function readRow(db: Kysely<Tables>, id: string): Promise<BatchRow> {
  const row = await findRow(db, id)
  if (row) return row
  throw new PilothouseError('notFound', `There is no batch «${id}».`, { field: 'id' })
}

type Key = { ownerId: number; key: string | null }

async function findByKey(db: Kysely<Tables>, { ownerId, key }: Key): Promise<BatchRow | null> {
  if (key === null) return null
  const found = selectBatches(db).where('batch.owner_id', '=', ownerId).where('batch.idempotency_key', '=', key)
  return (await found.executeTakeFirst()) ?? null
}

async function refuseMany(db: Kysely<Tables>, ownerId: number, { activeMax, waitingMax }: BatchBounds): Promise<void> {
  const open = await db
    .selectFrom('batch')
    .select((eb) => [
      eb.fn.sum<number | string | null>(eb('total', '-', eb('completed', '+', eb.ref('failed')))).as('waiting'),
      eb.fn.sum<number | string | null>(eb.case().when('owner_id', '=', ownerId).then(1).else(0).end()).as('own'),
    ])
    .where('status', 'not in', endedBatchStatuses)
    .executeTakeFirstOrThrow()
  const own = Number(open.own ?? 0)
  const waiting = Number(open.waiting ?? 0)
  if (own >= activeMax)
    throw new PilothouseError('rateLimited', `You have ${own} batches that are not over, and more are not taken.`, {
      expected: '60 s of patience',
      hint: 'Wait until one of them has ended, or cancel one.',
    })
  if (waiting >= waitingMax)
    throw new PilothouseError('rateLimited', `${waiting} requests of batches wait already, and no more are taken.`, {
      expected: '60 s of patience',
      hint: 'Wait until some of them are done.',
    })
}

function cannotCancel(status: BatchStatus): PilothouseError {
  const what = status === 'finalizing' ? 'All of its requests are done' : `It is ${status} already`
  return new PilothouseError('conflict', `${what}: there is nothing to cancel.`, { hint: 'Look at how it stands.' })
}
