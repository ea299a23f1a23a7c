/** Time and cost of a job in SQL, for lists, sorting and searching. Attempts that overlap count each, as GPU-hours do. */
import { type RawBuilder, sql } from 'kysely'

const hourMs = 3_600_000

/** Time of all attempts of `job`, ms; one under way counts up to `now`. null before the first has started. */
export function spentTime(now: number): RawBuilder<number | null> {
  const end = sql`coalesce(attempt.ended_ms, ${now})`
  return sql`(select sum(case when ${end} > attempt.started_ms then ${end} - attempt.started_ms else 0 end)
    from attempt where attempt.job_id = job.id and attempt.started_ms is not null)`
}

/** What `job` costs up to `now`; null where no rate matches. */
export function spentCost(now: number): RawBuilder<number | null> {
  return sql`(job.hour_cost * coalesce(${spentTime(now)}, 0) / ${sql.lit(hourMs)})`
}

/** Attempts under way: by so many the cost of `job` grows. Asked by their end, SQLite would look through those of all jobs. */
export const openAttempts: RawBuilder<number | null> =
  sql`(select sum(case when attempt.ended_ms is null then 1 else 0 end)
  from attempt where attempt.job_id = job.id and attempt.started_ms is not null)`
