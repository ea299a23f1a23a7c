/** Results as the storage knows them: which requests have one, what stands in the result files, what failed for good. */
import { PilothouseError, type ModelPrice, type RequestFailureCode, type ShardLease } from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import { appendBatchLog } from '../batches/append-batch-log.ts'
import type { BatchShardTable, BatchTable } from '../storage/batch-tables.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { hasBit, listUnset, readBits, withBits, writeBits } from './bitmap.ts'
import { leaseMs } from './lease-time.ts'
import { keepPoint } from './keep-point.ts'

/** Bytes of the two files that are committed. */
export type ResultLengths = { output: number; error: number }

/** null: nobody wants results of this lease any more. */
export type DeliveryStart = { first: number; count: number; done: string; lengths: ResultLengths } | null

const beginDelivery: Operation<ShardLease & { worker: string }, DeliveryStart> = async ({ db }, lease) => {
  const found = await findShard(db, lease)
  if (!found || !isHeld(found, lease)) return null
  const { first, count, done } = found.shard
  return { first, count, done, lengths: toLengths(found.batch) }
}

export type Letter = {
  line: number
  at: number
  customId: string
  code: RequestFailureCode
  message: string
  status: number | null
  attempts: number
  tookMs: number
}

/** Tokens of requests that one engine answered. */
export type EngineTokens = {
  engineId: number | null
  inputTokens: number
  cachedTokens: number
  outputTokens: number
  reasoningTokens: number
}

export type ResultCommit = {
  batchId: string
  shard: number
  /** Who has made them: the worker with the lease, or the server that ends the batch. */
  by: { kind: 'worker'; epoch: number; worker: string } | { kind: 'end' }
  /** Places in the shard that have a result now. */
  done: readonly number[]
  completed: number
  failed: number
  tokens: readonly EngineTokens[]
  /** Bytes of the files before and after. */
  before: ResultLengths
  after: ResultLengths
  letters: readonly Letter[]
  nowMs: number
}

/** `isTaken` false: the lease is over, or the batch; nothing was changed. `isBatchDone`: every request has its result. */
export type ResultsCommitted = { isTaken: boolean; isBatchDone: boolean }

/** @throws PilothouseError `internal` when the files or results are other than the caller believes. */
const commitResults: Operation<ResultCommit, ResultsCommitted> = async ({ db }, commit) => {
  const found = await findShard(db, commit)
  if (!found || !mayWrite(found, commit)) return { isTaken: false, isBatchDone: false }
  const { batch, shard } = found
  const bits = checkBits(found, commit)
  const isDone = listUnset(bits, shard.count).length === 0
  const lease = commit.by.kind === 'worker' ? { lease_until_ms: commit.nowMs + leaseMs } : {}
  await db
    .updateTable('batch_shard')
    .set({ done: writeBits(bits), is_done: isDone ? 1 : 0, ...lease })
    .where('batch_id', '=', batch.id)
    .where('shard', '=', shard.shard)
    .execute()
  if (commit.done.length === 0) return { isTaken: true, isBatchDone: false }
  const counts = await addCounts(db, batch, commit)
  await insertLetters(db, commit)
  await keepPoint(db, { ...batch, ...counts }, { atMs: commit.nowMs })
  return { isTaken: true, isBatchDone: counts.completed + counts.failed >= batch.total }
}

/** null: there is no such batch. */
const findLengths: Operation<{ batchId: string }, ResultLengths | null> = async ({ db }, { batchId }) => {
  const row = await db.selectFrom('batch').selectAll().where('id', '=', batchId).executeTakeFirst()
  return row ? toLengths(row) : null
}

export const resultOperations = {
  'work.begin-delivery': beginDelivery,
  'work.commit-results': commitResults,
  'work.lengths': findLengths,
}

export const resultReads = ['work.begin-delivery', 'work.lengths'] as const

type Found = { batch: Selectable<BatchTable>; shard: Selectable<BatchShardTable> }

async function findShard(
  db: Kysely<Tables>,
  { batchId, shard }: { batchId: string; shard: number },
): Promise<Found | null> {
  const batchRow = await db.selectFrom('batch').selectAll().where('id', '=', batchId).executeTakeFirst()
  const shardRow = await db
    .selectFrom('batch_shard')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where('shard', '=', shard)
    .executeTakeFirst()
  return batchRow && shardRow ? { batch: batchRow, shard: shardRow } : null
}

function isHeld({ batch, shard }: Found, { epoch, worker }: { epoch: number; worker: string }): boolean {
  if (batch.status !== 'in_progress' || batch.is_expiring === 1) return false
  return shard.epoch === epoch && shard.worker === worker
}

function mayWrite(found: Found, { by }: ResultCommit): boolean {
  if (by.kind === 'worker') return isHeld(found, by)
  const { status, is_expiring: isExpiring } = found.batch
  return status === 'cancelling' || (status === 'in_progress' && isExpiring === 1)
}

function checkBits({ batch, shard }: Found, { before, done }: ResultCommit): Uint8Array {
  const bits = readBits(shard.done, shard.count)
  const isOther = batch.output_bytes !== before.output || batch.error_bytes !== before.error
  if (isOther || done.some((at) => at >= shard.count || hasBit(bits, at)))
    throw new PilothouseError('internal', `Results of the batch ${batch.id} are other than they were a moment ago.`)
  return withBits(bits, done)
}

type Counts = Pick<
  Selectable<BatchTable>,
  'completed' | 'failed' | 'input_tokens' | 'cached_tokens' | 'output_tokens' | 'reasoning_tokens'
>

async function addCounts(db: Kysely<Tables>, batch: Selectable<BatchTable>, commit: ResultCommit): Promise<Counts> {
  const sum = (pick: (tokens: EngineTokens) => number): number =>
    commit.tokens.reduce((total, tokens) => total + pick(tokens), 0)
  const counts = {
    completed: batch.completed + commit.completed,
    failed: batch.failed + commit.failed,
    input_tokens: batch.input_tokens + sum(({ inputTokens }) => inputTokens),
    cached_tokens: batch.cached_tokens + sum(({ cachedTokens }) => cachedTokens),
    output_tokens: batch.output_tokens + sum(({ outputTokens }) => outputTokens),
    reasoning_tokens: batch.reasoning_tokens + sum(({ reasoningTokens }) => reasoningTokens),
  }
  const cost = await priceTokens(db, batch.model, commit.tokens)
  await db
    .updateTable('batch')
    .set({
      ...counts,
      letters: batch.letters + commit.letters.length,
      output_bytes: commit.after.output,
      error_bytes: commit.after.error,
      ...(cost === null ? {} : { cost: (batch.cost ?? 0) + cost }),
    })
    .where('id', '=', batch.id)
    .execute()
  return counts
}

/** null: nothing had a price. */
async function priceTokens(
  db: Kysely<Tables>,
  model: string | null,
  tokens: readonly EngineTokens[],
): Promise<number | null> {
  const ids = tokens.flatMap(({ engineId }) => engineId ?? [])
  if (ids.length === 0) return null
  const rows = await db.selectFrom('engine').select(['id', 'prices']).where('id', 'in', ids).execute()
  let cost: number | null = null
  for (const { id, prices } of rows) {
    const price = (JSON.parse(prices) as ModelPrice[]).find((one) => one.model === model) // written by the room engines
    for (const one of tokens) {
      if (!price || one.engineId !== id) continue
      const millionths = one.inputTokens * price.inputPerMillion + one.outputTokens * price.outputPerMillion
      cost = (cost ?? 0) + millionths / 1_000_000
    }
  }
  return cost
}

/** PostgreSQL takes 65,535 parameters a statement, SQLite 32,766. */
const letterRowsMax = 1_000

async function insertLetters(db: Kysely<Tables>, { batchId, letters, nowMs }: ResultCommit): Promise<void> {
  const rows = letters.map(({ customId, message, tookMs, ...letter }) => ({
    batch_id: batchId,
    ...letter,
    message: toStored(message),
    custom_id: toStored(customId),
    took_ms: Math.round(tookMs),
    created_ms: nowMs,
  }))
  for (let from = 0; from < rows.length; from += letterRowsMax)
    await db
      .insertInto('dead_letter')
      .values(rows.slice(from, from + letterRowsMax))
      .execute()
  const [first] = letters
  if (!first) return
  const others = letters.length === 1 ? '' : ` and ${letters.length - 1} more`
  const message = `The request of line ${first.line}${others} failed for good: ${toStored(first.message)}`
  await appendBatchLog(db, { id: batchId, atMs: nowMs, level: 'warning', message })
}

/** PostgreSQL keeps no zero bytes. */
function toStored(text: string): string {
  return text.replaceAll('\0', '')
}

function toLengths({ output_bytes: output, error_bytes: error }: Selectable<BatchTable>): ResultLengths {
  return { output, error }
}
