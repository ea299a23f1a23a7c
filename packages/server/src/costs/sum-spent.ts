/** What was spent between two moments, by what budgets and figures ask for: one question, whatever the number of jobs. */
import { type RawBuilder, sql } from 'kysely'
import type { StorageContext } from '../storage/operation.ts'
import { listMachineCosts, listMachineRates } from './machine-costs.ts'

export type Spent = {
  project: string | null
  member: string | null
  target: string | null
  currency: string
  amount: number
  /** Of attempts under way, and their number. */
  perHour: number
  running: number
}

export type Span = { from: number; at: number }

const hourMs = 3_600_000

/** Of attempts: up to `at`, from `from` on. An attempt that begins after it ends, as clocks that change make it, counts nothing. */
export async function sumSpent(context: StorageContext, span: Span, onlyUid?: string): Promise<Spent[]> {
  const { db } = context
  const rows = await db
    .selectFrom('attempt')
    .innerJoin('job', 'job.id', 'attempt.job_id')
    .innerJoin('member', 'member.id', 'job.owner_id')
    .select(['job.project', 'member.name as member', 'job.target', 'job.hour_currency'])
    .select([
      sql<number | string>`sum(${timeWithin(context, span)} * job.hour_cost)`.as('cost'),
      sql<number | string>`sum(case when attempt.ended_ms is null then job.hour_cost else 0 end)`.as('per_hour'),
      sql<number | string>`sum(case when attempt.ended_ms is null then 1 else 0 end)`.as('running'),
    ])
    .where('job.hour_cost', 'is not', null)
    .where('attempt.started_ms', '<', span.at)
    .where((eb) => eb.or([eb('attempt.ended_ms', 'is', null), eb('attempt.ended_ms', '>', span.from)]))
    .$if(onlyUid !== undefined, (query) => query.where('job.uid', '=', onlyUid ?? ''))
    .groupBy(['job.project', 'member.name', 'job.target', 'job.hour_currency'])
    .execute()
  const jobs = rows.map(({ cost, per_hour, running, hour_currency, ...names }) => ({
    ...names,
    currency: hour_currency ?? '',
    amount: Number(cost) / hourMs,
    perHour: Number(per_hour),
    running: Number(running),
  }))
  if (onlyUid !== undefined) return jobs
  const machines = await listMachineCosts(context, { from: span.from, until: span.at })
  const rates = await listMachineRates(context)
  return [
    ...jobs,
    ...machines.map((machine) => ({ ...machine, perHour: 0, running: 0 })),
    ...rates.map((machine) => ({ ...machine, amount: 0, running: 0 })),
  ]
}

/** Time of an attempt between the two, ms; never less than nothing. */
function timeWithin({ sql: { kind } }: StorageContext, { from, at }: Span): RawBuilder<number> {
  const [larger, smaller] = (kind === 'sqlite' ? ['max', 'min'] : ['greatest', 'least']).map((name) => sql.raw(name))
  const end = sql`${smaller}(coalesce(attempt.ended_ms, ${at}), ${at})`
  return sql`${larger}(0, ${end} - ${larger}(attempt.started_ms, ${from}))`
}
