/** What is told of batches. */
import {
  type BatchUsage,
  type batchListQuery,
  type batchUsageQuery,
  limits,
  statusesOfGroup,
} from '@pilothouse/contract'
import type { BatchGroup, BatchStatus, RequestFailureCode } from '@pilothouse/contract'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import type { BatchLogTable, BatchPointTable } from '../storage/batch-tables.ts'
import { readRates } from '../rates/rate-setting.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { choosePaceWindow } from './measure-pace.ts'
import { type BatchReader, type BatchRow, findRow, selectBatches } from './batch-rows.ts'

export type PointRow = Selectable<BatchPointTable>

/** null: there is none, or none for `reader`. Without a reader for the server itself. */
const findBatch: Operation<{ id: string; reader?: BatchReader }, BatchRow | null> = async ({ db }, { id, reader }) =>
  findRow(db, id, reader)

type ListInput = {
  query: Pick<z.output<typeof batchListQuery>, 'group' | 'model' | 'text' | 'limit' | 'after'>
  reader: BatchReader
  nowMs: number
}
/** With the points that the pace of those in progress goes by. */
export type BatchPage = { rows: BatchRow[]; hasMore: boolean; points: PointRow[]; currency: string }

/** The newest first. */
const listBatches: Operation<ListInput, BatchPage> = async ({ db }, { query, reader, nowMs }) => {
  const { group, model, text, limit, after } = query
  const found = await selectBatches(db, reader)
    .$if(after !== undefined, (builder) => builder.where('batch.id', '<', after ?? ''))
    .$if(model !== undefined, (builder) => builder.where('model', '=', model ?? ''))
    .$if(group !== undefined, (builder) => builder.where('status', 'in', statusesOfGroup[group ?? 'active']))
    .$if(text !== undefined && text !== '', (builder) => builder.where(hasText(text ?? '')))
    .orderBy('batch.id', 'desc')
    .limit(limit + 1)
    .execute()
  const rows = found.slice(0, limit)
  const page = { rows, hasMore: found.length > limit, currency: await readCurrency(db) }
  const running = rows.filter(({ status }) => status === 'in_progress')
  if (running.length === 0) return { ...page, points: [] }
  const windowMs = Math.max(...running.map((row) => choosePaceWindow(row.point_every_ms)))
  const ids = running.map(({ id }) => id)
  const points = await selectPoints(db, ids, nowMs - windowMs).execute()
  return { ...page, points }
}

/** How many there are of each group. */
const countGroups: Operation<{ reader: BatchReader }, Record<BatchGroup, number>> = async ({ db }, { reader }) => {
  const rows = await db
    .selectFrom('batch')
    .select(({ fn }) => ['status', fn.countAll<number | string>().as('count')])
    .$if(!reader.all, (builder) => builder.where('owner_id', '=', reader.memberId))
    .groupBy('status')
    .execute()
  const sum = (statuses: readonly BatchStatus[]): number =>
    rows.reduce((all, { status, count }) => all + (statuses.includes(status) ? Number(count) : 0), 0)
  const { active, completed, failed } = statusesOfGroup
  return { active: sum(active), completed: sum(completed), failed: sum(failed) }
}

export type BatchParts = {
  row: BatchRow
  failures: { code: RequestFailureCode; count: number }[]
  points: PointRow[]
  children: { id: string; status: BatchStatus }[]
  workers: string[]
  currency: string
}

/** One of a reader with what stands around it; null: there is none for `reader`. */
const readParts: Operation<{ id: string; reader: BatchReader; nowMs: number }, BatchParts | null> = async (
  { db },
  { id, reader, nowMs },
) => {
  const row = await findRow(db, id, reader)
  if (!row) return null
  const points = await selectPoints(db, [id], 0).limit(limits.batchPointsMax).execute()
  const children = await selectBatches(db, reader).where('parent_id', '=', id).orderBy('batch.id').execute()
  const failures = await db
    .selectFrom('dead_letter')
    .select(({ fn }) => ['code', fn.countAll<number | string>().as('count')])
    .where('batch_id', '=', id)
    .groupBy('code')
    .execute()
  const leases = await db
    .selectFrom('batch_shard')
    .select('worker')
    .distinct()
    .where('batch_id', '=', id)
    .where('is_done', '=', 0)
    .where('lease_until_ms', '>', nowMs)
    .execute()
  return {
    row,
    points,
    failures: failures.map(({ code, count }) => ({ code, count: Number(count) })),
    children: children.map((child) => ({ id: child.id, status: child.status })),
    workers: leases.flatMap(({ worker }) => worker ?? []).toSorted(),
    currency: await readCurrency(db),
  }
}

/** Lines of the log of a batch behind `after`. */
const readLog: Operation<{ id: string; after: number }, Selectable<BatchLogTable>[]> = async ({ db }, { id, after }) =>
  db.selectFrom('batch_log').selectAll().where('batch_id', '=', id).where('n', '>', after).orderBy('n').execute()

type UsageInput = { query: z.output<typeof batchUsageQuery>; reader: BatchReader }

/** Of batches that were made from `from` to before `to`. */
const sumUsage: Operation<UsageInput, BatchUsage> = async ({ db }, { query: { from, to }, reader }) => {
  const rows = await selectUsage(db)
    .$if(!reader.all, (builder) => builder.where('batch.owner_id', '=', reader.memberId))
    .$if(from !== undefined, (builder) => builder.where('batch.created_ms', '>=', from ?? 0))
    .$if(to !== undefined, (builder) => builder.where('batch.created_ms', '<', to ?? 0))
    .execute()
  return { rows: rows.map(toUsageRow), currency: await readCurrency(db) }
}

type UsageRow = Awaited<ReturnType<ReturnType<typeof selectUsage>['execute']>>[number]

function toUsageRow({ owner_id, owner_name, model, cost, ...counts }: UsageRow): BatchUsage['rows'][number] {
  return {
    member: { id: owner_id, name: owner_name ?? '' },
    model,
    batches: Number(counts.batches),
    total: Number(counts.total),
    completed: Number(counts.completed),
    failed: Number(counts.failed),
    inputTokens: Number(counts.input_tokens),
    cachedTokens: Number(counts.cached_tokens),
    outputTokens: Number(counts.output_tokens),
    reasoningTokens: Number(counts.reasoning_tokens),
    cost: cost === null ? null : Number(cost),
  }
}

/** Batches that are not over and their requests without a result; of a model and from a priority on where one is given. */
const measureQueue: Operation<{ model?: string; priority?: number }, { batches: number; requests: number }> = async (
  { db },
  { model, priority },
) => {
  const { batches, requests } = await db
    .selectFrom('batch')
    .select((eb) => [
      eb.fn.countAll<number | string>().as('batches'),
      eb.fn.sum<number | string | null>(eb('total', '-', eb('completed', '+', eb.ref('failed')))).as('requests'),
    ])
    .where('status', 'in', ['validating', 'in_progress'])
    .$if(model !== undefined, (builder) => builder.where('model', '=', model ?? ''))
    .$if(priority !== undefined, (builder) => builder.where('priority', '>=', priority ?? 0))
    .executeTakeFirstOrThrow()
  return { batches: Number(batches), requests: Number(requests ?? 0) }
}

/** Batches of a model that an experience of its pace is taken from. */
const pacesMax = 5

/** Requests that a model did a second, in the newest batches of it; null where there is none. */
const measurePace: Operation<{ model: string; nowMs: number }, number | null> = async ({ db }, { model, nowMs }) => {
  const rows = await db
    .selectFrom('batch')
    .select(['completed', 'failed', 'in_progress_ms', 'finalizing_ms', 'ended_ms'])
    .where('model', '=', model)
    .where('in_progress_ms', 'is not', null)
    .where('completed', '>', 0)
    .orderBy('id', 'desc')
    .limit(pacesMax)
    .execute()
  let requests = 0
  let tookMs = 0
  for (const row of rows) {
    requests += row.completed + row.failed
    tookMs += Math.max(1, (row.finalizing_ms ?? row.ended_ms ?? nowMs) - (row.in_progress_ms ?? nowMs))
  }
  return requests === 0 ? null : (1000 * requests) / tookMs
}

/** Of all batches of one status and model. */
export type BatchFigures = {
  status: BatchStatus
  model: string | null
  batches: number
  total: number
  completed: number
  failed: number
  letters: number
  inputTokens: number
  outputTokens: number
}

/** One pass over the rows of batches. */
const sumFigures: Operation<null, BatchFigures[]> = async ({ db }) => {
  const rows = await db
    .selectFrom('batch')
    .select(({ fn }) => [
      'status',
      'model',
      fn.countAll<number | string>().as('batches'),
      fn.sum<number | string>('total').as('total'),
      fn.sum<number | string>('completed').as('completed'),
      fn.sum<number | string>('failed').as('failed'),
      fn.sum<number | string>('letters').as('letters'),
      fn.sum<number | string>('input_tokens').as('input_tokens'),
      fn.sum<number | string>('output_tokens').as('output_tokens'),
    ])
    .groupBy(['status', 'model'])
    .execute()
  return rows.map(({ status, model, input_tokens: inputTokens, output_tokens: outputTokens, ...counts }) => ({
    status,
    model,
    batches: Number(counts.batches),
    total: Number(counts.total),
    completed: Number(counts.completed),
    failed: Number(counts.failed),
    letters: Number(counts.letters),
    inputTokens: Number(inputTokens),
    outputTokens: Number(outputTokens),
  }))
}

export const readOperations = {
  'batches.find': findBatch,
  'batches.list': listBatches,
  'batches.count-groups': countGroups,
  'batches.parts': readParts,
  'batches.log': readLog,
  'batches.usage': sumUsage,
  'batches.queue': measureQueue,
  'batches.figures': sumFigures,
  'batches.pace': measurePace,
}

async function readCurrency(db: Kysely<Tables>): Promise<string> {
  return (await readRates(db)).card.currency
}

function selectPoints(db: Kysely<Tables>, ids: readonly string[], sinceMs: number) {
  return db
    .selectFrom('batch_point')
    .selectAll()
    .where('batch_id', 'in', ids)
    .where('at_ms', '>=', sinceMs)
    .orderBy('batch_id')
    .orderBy('at_ms')
}

function selectUsage(db: Kysely<Tables>) {
  return db
    .selectFrom('batch')
    .leftJoin('member', 'member.id', 'batch.owner_id')
    .select(({ fn }) => [
      'batch.owner_id',
      'member.name as owner_name',
      'batch.model',
      fn.countAll<number | string>().as('batches'),
      fn.sum<number | string>('total').as('total'),
      fn.sum<number | string>('completed').as('completed'),
      fn.sum<number | string>('failed').as('failed'),
      fn.sum<number | string>('input_tokens').as('input_tokens'),
      fn.sum<number | string>('cached_tokens').as('cached_tokens'),
      fn.sum<number | string>('output_tokens').as('output_tokens'),
      fn.sum<number | string>('reasoning_tokens').as('reasoning_tokens'),
      fn.sum<number | string | null>('cost').as('cost'),
    ])
    .groupBy(['batch.owner_id', 'member.name', 'batch.model'])
    .orderBy('member.name')
    .orderBy('batch.owner_id')
    .orderBy('batch.model')
}

/** In the name of the input, the model, or the id; whatever its case. */
function hasText(text: string) {
  const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const like = (column: string) => sql<boolean>`lower(coalesce(${sql.ref(column)}, '')) like ${pattern} escape '\\'`
  return sql<boolean>`(${like('batch.name')} or ${like('batch.model')} or ${like('batch.id')})`
}
