/** Alerts of jobs: recorded from reports, listed for everybody who may see jobs. */
import { type Alert, type AlertEvent, type AlertPage, type alertQuery, limits } from '@pilothouse/contract'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import { dropOldest } from '../jobs/drop-oldest.ts'
import type { Operation } from '../storage/operation.ts'
import type { AlertTable, Tables } from '../storage/tables.ts'

export type WaitingAlert = { event: AlertEvent; attempt: number; timeMs: number }
export type AlertJob = { id: number; uid: string; name: string }
type Query = z.output<typeof alertQuery>
type Row = Selectable<AlertTable> & { job_uid: string; job_name: string }

/** Records alerts of one job; beyond its bound the oldest go. */
export async function storeAlerts(
  db: Kysely<Tables>,
  job: AlertJob,
  waiting: readonly WaitingAlert[],
): Promise<Alert[]> {
  const stored: Alert[] = []
  for (const { event, attempt, timeMs } of waiting) {
    const { level, title, text, step } = event
    const values = { job_id: job.id, attempt, level, title, text, step, time_ms: timeMs }
    const row = await db.insertInto('alert').values(values).returningAll().executeTakeFirstOrThrow()
    stored.push(toAlert({ ...row, job_uid: job.uid, job_name: job.name }))
  }
  await dropOldest(db, 'alert', { jobId: job.id, keep: limits.jobAlertsMax })
  return stored
}

/** The newest alerts of a job, newest first. */
export async function readAlerts(db: Kysely<Tables>, jobId: number): Promise<Alert[]> {
  const rows = await selectAlerts(db)
    .where('alert.job_id', '=', jobId)
    .orderBy('alert.id', 'desc')
    .limit(limits.jobAlertsShown)
    .execute()
  return rows.map(toAlert)
}

/** A page of alerts, newest first. */
export const listAlerts: Operation<{ query: Query }, AlertPage> = async ({ db }, { query }) => {
  const rows = await selectAlerts(db)
    .$if(query.job !== undefined, (builder) => builder.where('job.uid', 'in', query.job ?? []))
    .$if(query.level !== undefined, (builder) => builder.where('alert.level', 'in', query.level ?? []))
    .$if(query.since !== undefined, (builder) => builder.where('alert.time_ms', '>=', query.since ?? 0))
    .$if(query.cursor !== undefined, (builder) => builder.where('alert.id', '<', query.cursor ?? 0))
    .orderBy('alert.id', 'desc')
    .limit(query.limit + 1)
    .execute()
  const page = rows.slice(0, query.limit)
  return { alerts: page.map(toAlert), next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null }
}

function selectAlerts(db: Kysely<Tables>) {
  return db
    .selectFrom('alert')
    .innerJoin('job', 'job.id', 'alert.job_id')
    .selectAll('alert')
    .select([sql<string>`job.uid`.as('job_uid'), sql<string>`job.name`.as('job_name')])
}

function toAlert({ id, job_uid, job_name, attempt, level, title, text, step, time_ms }: Row): Alert {
  return { id, job: { uid: job_uid, name: job_name }, attempt, level, title, text, step, time: time_ms }
}
