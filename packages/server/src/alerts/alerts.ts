/** Alerts of jobs: told by scripts and by rules, listed for everybody who may see jobs. */
import {
  type Alert,
  type AlertEvent,
  type AlertPage,
  type AlertStatus,
  type AnomalyKind,
  type WatchedState,
  type alertQuery,
  alertTransitions,
  limits,
} from '@pilothouse/contract'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import { dropOldest } from '../jobs/drop-oldest.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import type { AlertTable, Tables } from '../storage/tables.ts'
import { finiteOrNull } from '../telemetry/wire-numbers.ts'

export type WaitingAlert = { event: AlertEvent; attempt: number; timeMs: number }
export type AlertJob = { id: number; uid: string; name: string }
/** An alert that a rule raises. */
export type RuleAlert = {
  rule: { id: number; name: string }
  level: Alert['level']
  attempt: number
  series: Alert['series']
  state: WatchedState | null
  anomaly: AnomalyKind | null
  text: string
  step: number | null
  value: number | null
  timeMs: number
  status: AlertStatus
}
type Query = z.output<typeof alertQuery>
type Row = Selectable<AlertTable> & { job_uid: string; job_name: string }

/** Records what a script tells of a job; beyond the bound of the job the oldest go. Information needs nobody to see to it. */
export async function storeAlerts(
  { db, now }: Pick<StorageContext, 'db' | 'now'>,
  job: AlertJob,
  waiting: readonly WaitingAlert[],
): Promise<Alert[]> {
  const stored: Alert[] = []
  for (const { event, attempt, timeMs } of waiting) {
    const { level, title, text, step } = event
    const status = level === 'info' ? 'resolved' : 'raised'
    const values = { job_id: job.id, attempt, level, title, text, step, time_ms: timeMs, status, changed_ms: now() }
    stored.push(await insertAlert(db, job, { ...noRule, ...values, status }))
  }
  await dropOldest(db, 'alert', { jobId: job.id, keep: limits.jobAlertsMax })
  return stored
}

/** Records one that a rule raises. */
export async function storeRuleAlert(
  { db, now }: Pick<StorageContext, 'db' | 'now'>,
  job: AlertJob,
  { rule, series, timeMs, step, value, ...rest }: RuleAlert,
): Promise<Alert> {
  const stored = await insertAlert(db, job, {
    ...rest,
    job_id: job.id,
    title: rule.name,
    step: finiteOrNull(step ?? Number.NaN),
    time_ms: Math.round(timeMs),
    rule_id: rule.id,
    rule_name: rule.name,
    source: series?.source ?? null,
    key: series?.key ?? null,
    value: finiteOrNull(value ?? Number.NaN),
    changed_ms: now(),
    changed_by: null,
  })
  await dropOldest(db, 'alert', { jobId: job.id, keep: limits.jobAlertsMax })
  return stored
}

/** Those of `ids` that are not resolved become so by themselves; returns them. */
export async function resolveAlerts(
  { db, now }: Pick<StorageContext, 'db' | 'now'>,
  ids: readonly number[],
): Promise<Alert[]> {
  if (ids.length === 0) return []
  const changed = await db
    .updateTable('alert')
    .set({ status: 'resolved', changed_ms: now(), changed_by: null })
    .where('id', 'in', ids)
    .where('status', '!=', 'resolved')
    .returning('id')
    .execute()
  return findAlerts(
    db,
    changed.map(({ id }) => id),
  )
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
    .$if(query.status !== undefined, (builder) => builder.where('alert.status', 'in', query.status ?? []))
    .$if(query.rule !== undefined, (builder) => builder.where('alert.rule_id', 'in', query.rule ?? []))
    .$if(query.since !== undefined, (builder) => builder.where('alert.time_ms', '>=', query.since ?? 0))
    .$if(query.cursor !== undefined, (builder) => builder.where('alert.id', '<', query.cursor ?? 0))
    .orderBy('alert.id', 'desc')
    .limit(query.limit + 1)
    .execute()
  const page = rows.slice(0, query.limit)
  const next = rows.length > query.limit ? (page.at(-1)?.id ?? null) : null
  return { alerts: page.map(toAlert), next, open: await countOpen(db) }
}

type Edit = { ids: readonly number[]; status: AlertStatus; memberName: string }

/** Puts alerts into another status, where that is possible. */
export const editAlerts: Operation<Edit, Pick<AlertPage, 'alerts' | 'open'>> = async (
  context,
  { ids, status, memberName },
) => {
  const { db, now, changes, alerts: engine } = context
  const before = (await findAlerts(db, ids)).filter(({ status: from }) => alertTransitions[from].includes(status))
  const changed: number[] = []
  for (const alert of before) {
    if (status === 'raised' && !(await mayBeRaised(db, alert))) continue
    await db
      .updateTable('alert')
      .set({ status, changed_ms: now(), changed_by: memberName })
      .where('id', '=', alert.id)
      .execute()
    changed.push(alert.id)
  }
  const rows = await db
    .selectFrom('alert')
    .selectAll()
    .where('id', 'in', [-1, ...changed])
    .execute()
  const jobIds = [...new Set(rows.map(({ job_id }) => job_id))]
  for (const id of jobIds) changes.jobs.add(id)
  await db
    .updateTable('job')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', 'in', [-1, ...jobIds])
    .execute()
  changes.afterCommit.push(() => engine.takeEdits(rows))
  const alerts = await findAlerts(db, ids)
  changes.alerts.push(...alerts.filter(({ id }) => changed.includes(id)))
  return { alerts, open: await countOpen(db) }
}

/** One that ended by itself stays so, and there is one open alert of a rule and series at most. */
async function mayBeRaised(db: Kysely<Tables>, { id, status, changedBy, rule, series }: Alert): Promise<boolean> {
  if (status !== 'resolved') return true
  if (changedBy === null) return false
  if (rule === null) return true
  const newer = await db
    .selectFrom('alert')
    .select('id')
    .where('rule_id', '=', rule.id)
    .where('job_id', '=', db.selectFrom('alert as same').select('same.job_id').where('same.id', '=', id))
    .where('id', '>', id)
    .where((eb) => {
      const own = eb.selectFrom('alert as own').select(({ fn, val }) => fn.coalesce('own.anomaly', val('')).as('kind'))
      return eb(eb.fn.coalesce('anomaly', eb.val('')), '=', own.where('own.id', '=', id))
    })
    .$if(series !== null, (builder) =>
      builder.where('source', '=', series?.source ?? '').where('key', '=', series?.key ?? ''),
    )
    .executeTakeFirst()
  return newer === undefined
}

async function countOpen(db: Kysely<Tables>): Promise<AlertPage['open']> {
  const rows = await db
    .selectFrom('alert')
    .innerJoin('job', 'job.id', 'alert.job_id')
    .select(({ fn }) => ['alert.status', fn.countAll<number | string>().as('count')])
    .where('alert.status', '!=', 'resolved')
    .groupBy('alert.status')
    .execute()
  const count = (status: AlertStatus) => Number(rows.find((row) => row.status === status)?.count ?? 0)
  return { raised: count('raised'), acknowledged: count('acknowledged') }
}

/** Newest first. */
async function findAlerts(db: Kysely<Tables>, ids: readonly number[]): Promise<Alert[]> {
  if (ids.length === 0) return []
  const rows = await selectAlerts(db).where('alert.id', 'in', ids).orderBy('alert.id', 'desc').execute()
  return rows.map(toAlert)
}

const noRule = {
  rule_id: null,
  rule_name: null,
  source: null,
  key: null,
  value: null,
  state: null,
  anomaly: null,
  changed_by: null,
}

async function insertAlert(
  db: Kysely<Tables>,
  job: AlertJob,
  values: Omit<Selectable<AlertTable>, 'id'>,
): Promise<Alert> {
  const row = await db.insertInto('alert').values(values).returningAll().executeTakeFirstOrThrow()
  return toAlert({ ...row, job_uid: job.uid, job_name: job.name })
}

function selectAlerts(db: Kysely<Tables>) {
  return db
    .selectFrom('alert')
    .innerJoin('job', 'job.id', 'alert.job_id')
    .selectAll('alert')
    .select([sql<string>`job.uid`.as('job_uid'), sql<string>`job.name`.as('job_name')])
}

function toAlert(row: Row): Alert {
  const { id, attempt, level, title, text, step, value, status } = row
  return {
    id,
    job: { uid: row.job_uid, name: row.job_name },
    attempt,
    level,
    title,
    text,
    step,
    time: row.time_ms,
    rule: row.rule_id === null ? null : { id: row.rule_id, name: row.rule_name ?? '' },
    series: row.source === null || row.key === null ? null : { source: row.source, key: row.key },
    value,
    status,
    changedAt: row.changed_ms === 0 ? row.time_ms : row.changed_ms,
    changedBy: row.changed_by,
  }
}
