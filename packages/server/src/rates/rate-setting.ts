import { type RateCard, rateCard } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../storage/tables.ts'

const key = 'rates'
/** Whether there is such a currency was asked when it was set; another version of Node may know others. */
const stored = z.object({ number: z.int(), card: rateCard.extend({ currency: z.string() }) })
/** The card as it was set, and how many were set before: what was priced by an earlier one is priced anew. */
export type NumberedCard = z.infer<typeof stored>

/** What hours cost, as an admin set it; no rates when nobody did. */
export async function readRates(db: Kysely<Tables>): Promise<NumberedCard> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst()
  return row ? stored.parse(JSON.parse(row.value)) : { number: 0, card: { currency: 'USD', rates: [] } }
}

export async function writeRates(db: Kysely<Tables>, card: RateCard): Promise<void> {
  const { number } = await readRates(db)
  const value = JSON.stringify({ number: number + 1, card } satisfies NumberedCard)
  await db
    .insertInto('setting')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
