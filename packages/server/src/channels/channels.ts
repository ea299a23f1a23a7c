/** Channels as they are kept. What is secret in them arrives sealed and leaves sealed: the storage never sees it. */
import { type Channel, type ChannelKind, PilothouseError, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { forgetChannel } from '../alerts/alert-rules.ts'
import { forgetInBudgets } from '../costs/forget-in-budgets.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

/** Where a channel leads: in words, and sealed. */
export type SealedTarget = { target: string; sealed: string }
type NewChannel = SealedTarget & { kind: ChannelKind; name: string; enabled: boolean; memberId: number }
type Change = { id: number; name?: string | undefined; enabled?: boolean | undefined; to?: SealedTarget | undefined }

/** All channels, by name. */
export const listChannels: Operation<null, { channels: Channel[] }> = async ({ db }) => {
  const rows = await selectChannels(db).orderBy('channel.name').orderBy('channel.id').execute()
  return { channels: rows.map(toChannel) }
}

/** @throws PilothouseError `conflict` at the bound. */
export const createChannel: Operation<NewChannel, Channel> = async ({ db, now }, { memberId, enabled, ...rest }) => {
  const { count } = await db
    .selectFrom('channel')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= limits.channelsMax) {
    throw new PilothouseError('conflict', `There are ${limits.channelsMax} channels, more are not kept.`, {
      hint: 'Delete one that nobody needs.',
    })
  }
  const times = { created_ms: now(), changed_ms: now() }
  const values = { ...rest, ...times, owner_id: memberId, enabled: enabled ? 1 : 0 }
  const { id } = await db.insertInto('channel').values(values).returning('id').executeTakeFirstOrThrow()
  return readChannel(db, id)
}

/** @throws PilothouseError `notFound`. */
export const editChannel: Operation<Change, Channel> = async ({ db, now }, { id, name, enabled, to }) => {
  await readChannel(db, id)
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
    ...to,
  }
  await db
    .updateTable('channel')
    .set({ ...change, changed_ms: now() })
    .where('id', '=', id)
    .execute()
  return readChannel(db, id)
}

/** @throws PilothouseError `notFound`. */
export const deleteChannel: Operation<{ id: number }, null> = async (context, { id }) => {
  const { db } = context
  await readChannel(db, id)
  await db.deleteFrom('delivery').where('channel_id', '=', id).execute()
  await db.deleteFrom('channel').where('id', '=', id).execute()
  await forgetChannel(context, id)
  await forgetInBudgets(context, id)
  return null
}

/** A channel with what is sealed in it. @throws PilothouseError `notFound`. */
export const getChannel: Operation<{ id: number }, Channel & { sealed: string }> = async ({ db }, { id }) => {
  const channel = await readChannel(db, id)
  const { sealed } = await db.selectFrom('channel').select('sealed').where('id', '=', id).executeTakeFirstOrThrow()
  return { ...channel, sealed }
}

async function readChannel(db: Kysely<Tables>, id: number): Promise<Channel> {
  const row = await selectChannels(db).where('channel.id', '=', id).executeTakeFirst()
  if (row) return toChannel(row)
  throw new PilothouseError('notFound', `There is no channel ${id}.`, { field: 'id' })
}

function selectChannels(db: Kysely<Tables>) {
  return db
    .selectFrom('channel')
    .leftJoin('member', 'member.id', 'channel.owner_id')
    .leftJoin('delivery', (join) =>
      join.on('delivery.id', '=', (eb) =>
        eb
          .selectFrom('delivery as newest')
          .select(({ fn }) => fn.max('newest.id').as('id'))
          .whereRef('newest.channel_id', '=', 'channel.id')
          .where('newest.tried_ms', 'is not', null),
      ),
    )
    .selectAll('channel')
    .select(['member.name as owner_name', 'delivery.status', 'delivery.tried_ms', 'delivery.error'])
    .select((eb) =>
      eb
        .selectFrom('delivery as one')
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .whereRef('one.channel_id', '=', 'channel.id')
        .where('one.status', '=', 'waiting')
        .as('waiting'),
    )
}

type Row = Awaited<ReturnType<ReturnType<typeof selectChannels>['execute']>>[number]

function toChannel(row: Row): Channel {
  const { id, kind, name, target, status, tried_ms, error } = row
  return {
    id,
    kind,
    name,
    enabled: row.enabled === 1,
    target,
    owner: { id: row.owner_id, name: row.owner_name ?? '' },
    createdAt: row.created_ms,
    changedAt: row.changed_ms,
    waiting: Number(row.waiting ?? 0),
    last: status === null || tried_ms === null ? null : { status, at: tried_ms, error },
  }
}
