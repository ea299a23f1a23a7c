import { type Retention, retention } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

const key = 'retention'

/** What is deleted by itself, as an admin set it; nothing when nobody did. */
export async function readRetention(db: Kysely<Tables>): Promise<Retention> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst()
  const stored: unknown = row ? JSON.parse(row.value) : {}
  return retention.parse(stored)
}

export async function writeRetention(db: Kysely<Tables>, rules: Retention): Promise<void> {
  const value = JSON.stringify(rules)
  await db
    .insertInto('setting')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
