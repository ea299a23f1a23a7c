/** The price of an hour of a job: worked out when its machines or the rates change, multiplied with hours when it is asked for. */
import type { CostPart, Hardware, InstanceFacts, RateCard } from '@pilothouse/contract'
import { priceJob, sumParts } from '@pilothouse/signals'
import type { Kysely } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { JobTable, Tables } from '../storage/tables.ts'

type PricedRow = Pick<JobTable, 'project' | 'target' | 'started_ms'> & { id: number }
type KnownPrice = Pick<JobTable, 'hour_cost' | 'hour_currency'>

export type JobPrice = { currency: string; parts: CostPart[] }

/** What an hour of a job costs: on a rented machine what its provider says, else by the card. null where no rate matches. */
export async function readPrice(db: Kysely<Tables>, card: RateCard, job: PricedRow): Promise<JobPrice | null> {
  const rented = await readRentedPrice(db, job.target)
  if (rented) return rented
  const parts = await readParts(db, card, job)
  return parts && { currency: card.currency, parts }
}

async function readRentedPrice(db: Kysely<Tables>, target: string | null): Promise<JobPrice | null> {
  if (target === null) return null
  const machine = await db.selectFrom('instance').select('facts').where('target', '=', target).executeTakeFirst()
  if (!machine) return null
  const { perHour, currency } = parseJson<InstanceFacts>(machine.facts) // written by a look at the account
  return perHour === null ? null : { currency, parts: [{ kind: 'host', name: null, count: 1, perHour }] }
}

/** Parts of the price by the card; null where no rate matches. */
async function readParts(db: Kysely<Tables>, { rates }: RateCard, job: PricedRow): Promise<CostPart[] | null> {
  if (rates.length === 0) return null
  const { project, target, started_ms: startedAt } = job
  return priceJob(rates, { project, target, startedAt, machines: await readMachines(db, job.id) })
}

/** Those that the job reported; else the host on which its newest attempt runs, when that is known. */
async function readMachines(db: Kysely<Tables>, jobId: number): Promise<Pick<Hardware, 'host' | 'gpus'>[]> {
  const detail = await db.selectFrom('job_detail').select('hardware').where('job_id', '=', jobId).executeTakeFirst()
  const machines = detail ? parseJson<Hardware[]>(detail.hardware) : []
  if (machines.length > 0) return machines
  const attempt = await db
    .selectFrom('attempt')
    .select('host')
    .where('job_id', '=', jobId)
    .where('host', 'is not', null)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return attempt?.host ? [{ host: attempt.host, gpus: [] }] : []
}

/** Its version stays: nothing that was reported or written of the job is other than before. */
export async function writePrice(
  { db, changes }: StorageContext,
  card: RateCard,
  job: PricedRow & KnownPrice,
): Promise<void> {
  const found = await readPrice(db, card, job)
  const price: KnownPrice = { hour_cost: found && sumParts(found.parts), hour_currency: found && found.currency }
  if (price.hour_cost === job.hour_cost && price.hour_currency === job.hour_currency) return
  await db.updateTable('job').set(price).where('id', '=', job.id).execute()
  changes.jobs.add(job.id)
}
