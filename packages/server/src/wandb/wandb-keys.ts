/** Keys of members for W&B as they are kept: they arrive sealed and leave sealed, the storage never sees them. */
import type { Operation } from '../storage/operation.ts'

export type KeptKey = {
  baseUrl: string
  sealed: string
  user: string | null
  createdMs: number
  checkedMs: number | null
  fault: string | null
}
type Owned = { memberId: number; baseUrl: string }
type Checked = { user: string | null; fault: string | null }

const listKeys: Operation<{ memberId: number }, KeptKey[]> = async ({ db }, { memberId }) => {
  const rows = await db
    .selectFrom('wandb_key')
    .selectAll()
    .where('owner_id', '=', memberId)
    .orderBy('base_url')
    .execute()
  return rows.map((row) => ({
    baseUrl: row.base_url,
    sealed: row.sealed,
    user: row.user_name,
    createdMs: row.created_ms,
    checkedMs: row.checked_ms,
    fault: row.fault,
  }))
}

/** In place of the one before; what waits for it is asked for at once. */
const setKey: Operation<Owned & Checked & { sealed: string }, null> = async (context, input) => {
  const { db, now } = context
  const { memberId, baseUrl, sealed, user, fault } = input
  const values = { sealed, user_name: user, fault, created_ms: now(), checked_ms: now() }
  await db
    .insertInto('wandb_key')
    .values({ ...values, owner_id: memberId, base_url: baseUrl })
    .onConflict((conflict) => conflict.columns(['owner_id', 'base_url']).doUpdateSet(values))
    .execute()
  await wakeRuns(context, input)
  return null
}

/** What W&B said of a key when it was asked; a name that is known stays. */
const noteKey: Operation<Owned & Checked, null> = async ({ db, now }, { memberId, baseUrl, user, fault }) => {
  await db
    .updateTable('wandb_key')
    .set({ checked_ms: now(), fault, ...(user === null ? {} : { user_name: user }) })
    .where('owner_id', '=', memberId)
    .where('base_url', '=', baseUrl)
    .execute()
  return null
}

const deleteKey: Operation<Owned, null> = async (context, input) => {
  await context.db
    .deleteFrom('wandb_key')
    .where('owner_id', '=', input.memberId)
    .where('base_url', '=', input.baseUrl)
    .execute()
  await wakeRuns(context, input)
  return null
}

export const wandbKeyOperations = {
  'wandb.list-keys': listKeys,
  'wandb.set-key': setKey,
  'wandb.note-key': noteKey,
  'wandb.delete-key': deleteKey,
}

async function wakeRuns({ db, now }: Parameters<typeof setKey>[0], { memberId, baseUrl }: Owned): Promise<void> {
  await db
    .updateTable('wandb_run')
    .set({ next_ms: now(), tries: 0 })
    .where('base_url', '=', baseUrl)
    .where('status', '!=', 'finished')
    .where('job_id', 'in', (eb) => eb.selectFrom('job').select('id').where('owner_id', '=', memberId))
    .execute()
}
