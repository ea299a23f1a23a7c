import { limits } from '@pilothouse/contract'
import type { StorageContext } from '../storage/operation.ts'
import type { AlertMessage } from './alert-message.ts'

/** Puts a message into the queue of each of these channels that is on; of what is over the oldest gives way. */
export async function queueDeliveries(
  { db, now }: StorageContext,
  channelIds: readonly number[],
  message: AlertMessage,
): Promise<number[]> {
  if (channelIds.length === 0) return []
  const channels = await db
    .selectFrom('channel')
    .select('id')
    .where('id', 'in', channelIds)
    .where('enabled', '=', 1)
    .execute()
  const queued: number[] = []
  for (const { id: channelId } of channels) {
    const times = { created_ms: now(), tried_ms: null, next_ms: now() }
    const values = { channel_id: channelId, event: message.event, message: JSON.stringify(message), ...times }
    const { id } = await db
      .insertInto('delivery')
      .values({ ...values, status: 'waiting', tries: 0, error: null })
      .returning('id')
      .executeTakeFirstOrThrow()
    queued.push(id)
    if (id % dropEvery === 0) await dropOldDeliveries(db, channelId)
  }
  return queued
}

/** Counting for each delivery would cost more than the delivery. */
const dropEvery = 50

async function dropOldDeliveries(db: StorageContext['db'], channelId: number): Promise<void> {
  const first = await db
    .selectFrom('delivery')
    .select('id')
    .where('channel_id', '=', channelId)
    .orderBy('id', 'desc')
    .offset(limits.channelDeliveriesMax)
    .limit(1)
    .executeTakeFirst()
  if (!first) return
  await db
    .deleteFrom('delivery')
    .where('channel_id', '=', channelId)
    .where('id', '<=', first.id)
    .where('status', '!=', 'waiting')
    .execute()
}
