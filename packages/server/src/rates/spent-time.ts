/** Time and cost of jobs in SQL, and the cost of one. Attempts that overlap count each, as they do in GPU-hours. */
import type { CardCost } from '@pilothouse/contract'
import { type RawBuilder, sql } from 'kysely'
import type { JobTable } from '../storage/tables.ts'

const hourMs = 3_600_000

/** Time of all attempts of `job`, ms; one under way counts up to `now`. null before the first has started. */
function spentTime(now: number): RawBuilder<number | string | null> {
  const end = sql`coalesce(attempt.ended_ms, ${now})`
  return sql`(select sum(case when ${end} > attempt.started_ms then ${end} - attempt.started_ms else 0 end)
    from attempt where attempt.job_id = job.id and attempt.started_ms is not null)`
}

/** Attempts under way. Asked for by their end, SQLite would look through those of all jobs. */
const openAttempts: RawBuilder<number | string | null> = sql`
  (select sum(case when attempt.ended_ms is null then 1 else 0 end)
    from attempt where attempt.job_id = job.id and attempt.started_ms is not null)`

/** What `job` costs up to `now`; null where no rate matches. */
export function spentCost(now: number): RawBuilder<number | null> {
  return sql`(job.hour_cost * coalesce(${spentTime(now)}, 0) / ${sql.lit(hourMs)})`
}

/** Sums are text where a database has numbers beyond those of JavaScript. */
export type SpentRow = { spent_ms: number | string | null; open_attempts: number | string | null }

/** What the cost on a card is made of, up to `now`. */
export function spentColumns(now: number) {
  return [spentTime(now).as('spent_ms'), openAttempts.as('open_attempts')] as const
}

/** @param now the one of `spentColumns`. */
export function toCardCost(
  { hour_cost, hour_currency, spent_ms, open_attempts }: Pick<JobTable, 'hour_cost' | 'hour_currency'> & SpentRow,
  now: number,
): CardCost | null {
  if (hour_cost === null || hour_currency === null) return null
  const amount = (hour_cost * Number(spent_ms ?? 0)) / hourMs
  return { amount, currency: hour_currency, perHour: hour_cost * Number(open_attempts ?? 0), at: now }
}
