/** Deliveries as they are kept: what is due, and what came of it. */
import {
  type ChannelKind,
  type Delivery,
  type DeliveryStatus,
  PilothouseError,
  type deliveryQuery,
} from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type AlertMessage, alertMessage, testWords } from './alert-message.ts'
import { describeBatchEnd } from './batch-end.ts'
import { describeBudgetSpent } from './budget-spent.ts'
import { queueDeliveries } from './queue-deliveries.ts'

/** One that is to be sent, with all that it takes. */
export type DueDelivery = {
  id: number
  channelId: number
  kind: ChannelKind
  sealed: string
  message: AlertMessage
  tries: number
  createdMs: number
}
export type DeliveryResult = {
  id: number
  status: DeliveryStatus
  /** When it is tried again; null when it is over. */
  nextMs: number | null
  error: string | null
}

/** Sent in one go at most. */
const dueMax = 500

/** What is due, oldest first, of channels that are on. */
export const listDueDeliveries: Operation<null, { due: DueDelivery[]; nextMs: number | null }> = async ({
  db,
  now,
}) => {
  const waiting = db
    .selectFrom('delivery')
    .innerJoin('channel', 'channel.id', 'delivery.channel_id')
    .where('delivery.status', '=', 'waiting')
    .where('channel.enabled', '=', 1)
  const rows = await waiting
    .select(['delivery.id', 'delivery.channel_id', 'channel.kind', 'channel.sealed', 'delivery.message'])
    .select(['delivery.tries', 'delivery.created_ms'])
    .where('delivery.next_ms', '<=', now())
    .orderBy('delivery.id')
    .limit(dueMax)
    .execute()
  const later = await waiting
    .select(({ fn }) => fn.min('delivery.next_ms').as('next'))
    .where('delivery.next_ms', '>', now())
    .executeTakeFirst()
  const due = rows.map((row) => ({
    id: row.id,
    channelId: row.channel_id,
    kind: row.kind,
    sealed: row.sealed,
    message: readMessage(row.message),
    tries: row.tries,
    createdMs: row.created_ms,
  }))
  return { due, nextMs: later?.next ?? null }
}

/** Writes what came of deliveries. One that was deleted meanwhile is no matter. */
export const settleDeliveries: Operation<{ results: readonly DeliveryResult[] }, null> = async (
  { db, now },
  { results },
) => {
  for (const { id, status, nextMs, error } of results) {
    await db
      .updateTable('delivery')
      .set((eb) => ({ status, next_ms: nextMs, error, tried_ms: now(), tries: eb('tries', '+', 1) }))
      .where('id', '=', id)
      .execute()
  }
  return null
}

/** Puts a test into the queue of a channel, on or off; its sender takes it from there. */
export const queueTest: Operation<{ channelId: number }, DueDelivery> = async (context, { channelId }) => {
  const { db, now } = context
  const channel = await db
    .selectFrom('channel')
    .select(['kind', 'sealed', 'enabled'])
    .where('id', '=', channelId)
    .executeTakeFirst()
  if (!channel) throw new PilothouseError('notFound', `There is no channel ${channelId}.`, { field: 'id' })
  if (channel.enabled === 0) {
    throw new PilothouseError('conflict', 'The channel is off.', { hint: 'Turn it on, then test it.' })
  }
  const message: AlertMessage = { event: 'test', alert: null, project: null, at: now() }
  const [id = 0] = await queueDeliveries(context, [channelId], message)
  // Whoever asked sends it at once; the courier takes it up only if that comes to nothing.
  const createdMs = now()
  await db
    .updateTable('delivery')
    .set({ next_ms: createdMs + 60_000 })
    .where('id', '=', id)
    .execute()
  return { id, channelId, kind: channel.kind, sealed: channel.sealed, message, tries: 0, createdMs }
}

/** A page of deliveries, newest first. */
export const listDeliveries: Operation<
  { query: z.output<typeof deliveryQuery> },
  { deliveries: Delivery[]; next: number | null }
> = async ({ db }, { query }) => {
  const rows = await selectDeliveries(db)
    .$if(query.channel !== undefined, (builder) => builder.where('delivery.channel_id', 'in', query.channel ?? []))
    .$if(query.status !== undefined, (builder) => builder.where('delivery.status', 'in', query.status ?? []))
    .$if(query.cursor !== undefined, (builder) => builder.where('delivery.id', '<', query.cursor ?? 0))
    .orderBy('delivery.id', 'desc')
    .limit(query.limit + 1)
    .execute()
  const page = rows.slice(0, query.limit)
  return { deliveries: page.map(toDelivery), next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null }
}

/**
 * Lets a delivery that was given up be tried again, now.
 * @throws PilothouseError `notFound`, or `conflict` when it is under way or has arrived.
 */
export const repeatDelivery: Operation<{ id: number }, Delivery> = async ({ db, now }, { id }) => {
  const before = await readDelivery(db, id)
  if (before.status !== 'given-up') {
    throw new PilothouseError('conflict', `Delivery ${id} is ${before.status}.`, {
      hint: 'Only one that was given up can be tried again.',
    })
  }
  await db.updateTable('delivery').set({ status: 'waiting', next_ms: now(), tries: 0 }).where('id', '=', id).execute()
  return readDelivery(db, id)
}

export const getDelivery: Operation<{ id: number }, Delivery> = async ({ db }, { id }) => readDelivery(db, id)

async function readDelivery(db: Kysely<Tables>, id: number): Promise<Delivery> {
  const row = await selectDeliveries(db).where('delivery.id', '=', id).executeTakeFirst()
  if (row) return toDelivery(row)
  throw new PilothouseError('notFound', `There is no delivery ${id}.`, { field: 'id' })
}

function selectDeliveries(db: Kysely<Tables>) {
  return db
    .selectFrom('delivery')
    .innerJoin('channel', 'channel.id', 'delivery.channel_id')
    .selectAll('delivery')
    .select(['channel.name as channel_name', 'channel.kind as channel_kind'])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectDeliveries>['execute']>>[number]

function toDelivery(row: Row): Delivery {
  const message = readMessage(row.message)
  const { alert } = message
  const { level, title } = alert ?? describeOther(message)
  return {
    id: row.id,
    channel: { id: row.channel_id, name: row.channel_name, kind: row.channel_kind },
    event: row.event,
    status: row.status,
    level,
    title,
    job: alert?.job ?? null,
    createdAt: row.created_ms,
    tries: row.tries,
    triedAt: row.tried_ms,
    nextAt: row.status === 'waiting' ? row.next_ms : null,
    error: row.error,
  }
}

function describeOther({ batch, budget }: AlertMessage): Pick<Delivery, 'level' | 'title'> {
  if (batch) return describeBatchEnd(batch)
  return budget ? describeBudgetSpent(budget) : { level: 'info', ...testWords }
}

function readMessage(text: string): AlertMessage {
  return alertMessage.parse(JSON.parse(text))
}
