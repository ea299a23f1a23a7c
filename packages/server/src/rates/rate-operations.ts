import type { RateCard } from '@pilothouse/contract'
import type { Operation } from '../storage/operation.ts'
import { readRates, writeRates } from './rate-setting.ts'

export const getRates: Operation<null, RateCard> = async ({ db }) => (await readRates(db)).card

/** Jobs are priced by it a little later, some at a time (jobs/job-digests.ts). */
export const setRates: Operation<RateCard, RateCard> = async ({ db, changes }, card) => {
  await writeRates(db, card)
  changes.repriced = true
  return card
}
