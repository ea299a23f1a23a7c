/**
 * Leases of shards. A lease has an epoch, which counts up whenever somebody gets the shard: who names an older one has lost it.
 * Only shards of batches that are in progress and are not being brought to their end are leased, kept and delivered.
 */
import type { ShardLease } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { type BatchNote, appendBatchLog } from '../batches/append-batch-log.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type BatchChoice, orderBatches } from './choose-batch.ts'
import { boundLeases, leaseMs } from './lease-time.ts'

export type LeasedShard = ShardLease & {
  /** Its requests are these in the order in which the batch sends them. */
  first: number
  count: number
  /** As `bitmap.ts` writes them. */
  done: string
  endpoint: string
  model: string
  isModelReplaced: boolean
}

export type LeaseWish = {
  worker: string
  /** null: any but those of `except`. */
  model: string | null
  except: readonly string[]
  /** Batches that cannot be served now. */
  skip: readonly string[]
  nowMs: number
}

/** `nextMs`: when a lease that stands in the way ends, ms since 1970; null where none does. */
export type LeaseFound = { shard: LeasedShard; nextMs: null } | { shard: null; nextMs: number | null }

const leaseShard: Operation<LeaseWish, LeaseFound> = async ({ db }, wish) => {
  const choices = await findChoices(db, wish)
  if (choices.length === 0) return { shard: null, nextMs: null }
  const leased = await countLeased(db, wish.nowMs)
  for (const { id } of orderBatches(choices, leased)) {
    const shard = await takeShard(db, id, wish)
    if (shard) return { shard, nextMs: null }
  }
  return { shard: null, nextMs: await findNextEnd(db, choices) }
}

type Beat = { worker: string; leases: readonly ShardLease[]; nowMs: number }

/** Prolongs leases, and tells those that are no longer this worker's. */
const beatLeases: Operation<Beat, ShardLease[]> = async ({ db }, { worker, leases, nowMs }) => {
  const lost: ShardLease[] = []
  for (const lease of leases) {
    const [done] = await selectHeld(db, worker, lease)
      .set({ lease_until_ms: nowMs + leaseMs })
      .execute()
    if (Number(done?.numUpdatedRows ?? 0) === 0) lost.push(lease)
  }
  return lost
}

/** Others may have these shards at once. Of those that are no longer this worker's nothing changes. */
const giveBackLeases: Operation<{ worker: string; leases: readonly ShardLease[] }, null> = async (
  { db },
  { worker, leases },
) => {
  for (const lease of leases) await selectHeld(db, worker, lease).set({ lease_until_ms: 0 }).execute()
  return null
}

/** Gives back whatever a worker has, or those whose names begin so; `prefix` is one of ours, without signs of patterns. */
const releaseWorkers: Operation<{ name: string } | { prefix: string }, null> = async ({ db }, who) => {
  const [sign, value] = 'name' in who ? (['=', who.name] as const) : (['like', `${who.prefix}%`] as const)
  await db
    .updateTable('batch_shard')
    .set({ lease_until_ms: 0 })
    .where('worker', sign, value)
    .where('is_done', '=', 0)
    .where('lease_until_ms', '>', 0)
    .execute()
  return null
}

const noteOne: Operation<BatchNote, null> = async ({ db }, note) => {
  await appendBatchLog(db, note)
  return null
}

export const leaseOperations = {
  'work.note': noteOne,
  'work.lease': leaseShard,
  'work.beat': beatLeases,
  'work.give-back': giveBackLeases,
  'work.release-workers': releaseWorkers,
}

/** A shard that is this worker's, for it to be changed. */
function selectHeld(db: Kysely<Tables>, worker: string, { batchId, shard, epoch }: ShardLease) {
  return db
    .updateTable('batch_shard')
    .where('batch_id', '=', batchId)
    .where('shard', '=', shard)
    .where('epoch', '=', epoch)
    .where('worker', '=', worker)
    .where('is_done', '=', 0)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('batch')
          .select('id')
          .where('id', '=', batchId)
          .where('status', '=', 'in_progress')
          .where('is_expiring', '=', 0),
      ),
    )
}

async function findChoices(db: Kysely<Tables>, { model, except, skip, nowMs }: LeaseWish): Promise<BatchChoice[]> {
  const rows = await db
    .selectFrom('batch')
    .select(['id', 'owner_id as ownerId', 'priority', 'served_ms as servedMs', 'model'])
    .where('status', '=', 'in_progress')
    .where('is_expiring', '=', 0)
    .where('expires_ms', '>', nowMs)
    .$if(model !== null, (builder) => builder.where('model', '=', model))
    .execute()
  return rows.filter((row) => row.model !== null && !except.includes(row.model) && !skip.includes(row.id))
}

async function countLeased(db: Kysely<Tables>, nowMs: number): Promise<Map<number, number>> {
  const { afterMs, untilMs } = boundLeases(nowMs)
  const rows = await db
    .selectFrom('batch')
    .innerJoin('batch_shard', 'batch_shard.batch_id', 'batch.id')
    .select(({ fn }) => ['batch.owner_id as ownerId', fn.countAll<number>().as('count')])
    .where('batch.status', '=', 'in_progress')
    .where('batch_shard.is_done', '=', 0)
    .where('batch_shard.lease_until_ms', '>', afterMs)
    .where('batch_shard.lease_until_ms', '<=', untilMs)
    .groupBy('batch.owner_id')
    .execute()
  return new Map(rows.map(({ ownerId, count }) => [ownerId, Number(count)]))
}

async function takeShard(db: Kysely<Tables>, batchId: string, wish: LeaseWish): Promise<LeasedShard | null> {
  const { worker, nowMs } = wish
  const { afterMs, untilMs } = boundLeases(nowMs)
  const row = await db
    .selectFrom('batch_shard')
    .innerJoin('batch', 'batch.id', 'batch_shard.batch_id')
    .selectAll('batch_shard')
    .select(['batch.endpoint', 'batch.model', 'batch.is_model_replaced'])
    .where('batch_id', '=', batchId)
    .where('is_done', '=', 0)
    .where(({ eb, or }) => or([eb('lease_until_ms', '<=', afterMs), eb('lease_until_ms', '>', untilMs)]))
    .orderBy('shard')
    .limit(1)
    .executeTakeFirst()
  if (!row || row.model === null) return null
  const epoch = row.epoch + 1
  await db
    .updateTable('batch_shard')
    .set({ worker, epoch, lease_until_ms: nowMs + leaseMs })
    .where('batch_id', '=', batchId)
    .where('shard', '=', row.shard)
    .execute()
  await db.updateTable('batch').set({ served_ms: nowMs }).where('id', '=', batchId).execute()
  if (row.worker !== null && row.lease_until_ms !== 0) await noteTakenOver(db, row, wish)
  const { shard, first, count, done, endpoint, model } = row
  return { batchId, shard, epoch, first, count, done, endpoint, model, isModelReplaced: row.is_model_replaced === 1 }
}

async function noteTakenOver(
  db: Kysely<Tables>,
  before: { batch_id: string; shard: number; worker: string | null },
  { worker, nowMs }: LeaseWish,
): Promise<void> {
  const message = `Nothing was heard of «${before.worker ?? ''}» for ${leaseMs / 1000} s, so «${worker}» has its requests now (part ${before.shard + 1}).`
  await appendBatchLog(db, { id: before.batch_id, atMs: nowMs, level: 'warning', message })
}

async function findNextEnd(db: Kysely<Tables>, choices: readonly BatchChoice[]): Promise<number | null> {
  const row = await db
    .selectFrom('batch_shard')
    .select(({ fn }) => fn.min<number | null>('lease_until_ms').as('nextMs'))
    .where(
      'batch_id',
      'in',
      choices.map(({ id }) => id),
    )
    .where('is_done', '=', 0)
    .executeTakeFirst()
  return row?.nextMs ?? null
}
