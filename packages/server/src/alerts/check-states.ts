/** State rules: jobs that have come into a state that somebody wants to hear of, or have left one that lasts. */
import { isEnded } from '@pilothouse/contract'
import { type JobFacts, type StateWatch, isInScope, isLastingState, watchState } from '@pilothouse/signals'
import type { Kysely } from 'kysely'
import type { Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { AlertDraft, type RuleMove } from './alert-draft.ts'
import type { RuleOf } from './alert-engine.ts'
import { resolveAlerts } from './alerts.ts'
import { type MovedJob, recordMoves } from './record-moves.ts'

export type CheckedJob = MovedJob & JobFacts

/** Looks at jobs that have changed. */
export const checkStates: Operation<readonly number[], null> = async (context, ids) => {
  const { alerts: engine, db } = context
  await engine.prepare(db)
  const rules = engine.rulesOf('state')
  for (const job of await readCheckedJobs(db, ids)) {
    const draft = new AlertDraft(engine)
    const moves: RuleMove[] = []
    for (const rule of rules) if (isInScope(rule.scope, job)) moves.push(...(await checkRule(context, rule, job)))
    await recordMoves(context, draft, { job, moves })
    if (isEnded(job.state)) await resolveMoot(context, job)
    await showChange(context, job)
    context.changes.afterCommit.push(() => draft.keep())
  }
  return null
}

/** Jobs as the rules see them: times are those of the current attempt. */
export async function readCheckedJobs(db: Kysely<Tables>, ids: readonly number[]): Promise<CheckedJob[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('job')
    .leftJoin('attempt', (join) =>
      join.onRef('attempt.job_id', '=', 'job.id').onRef('attempt.number', '=', 'job.attempt'),
    )
    .select(['job.id', 'job.uid', 'job.project', 'job.name', 'job.state', 'job.attempt', 'job.started_ms'])
    .select(['job.ended_ms', 'job.heard_ms', 'job.error_message', 'attempt.started_ms as attempt_started_ms'])
    .where('job.id', 'in', ids)
    .orderBy('job.id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    uid: row.uid,
    project: row.project,
    name: row.name,
    state: row.state,
    attempt: row.attempt,
    startedAt: row.attempt_started_ms ?? row.started_ms,
    endedAt: row.ended_ms,
    heardAt: row.heard_ms,
    errorMessage: row.error_message,
  }))
}

/** The page of a job shows its alerts, and tells news from old by the version. */
export async function showChange({ db, changes }: StorageContext, { id }: { id: number }): Promise<void> {
  if (!changes.jobs.has(id)) return
  await db
    .updateTable('job')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

async function checkRule(context: StorageContext, rule: RuleOf<'state'>, job: CheckedJob): Promise<RuleMove[]> {
  const watch = await readWatch(context.db, rule.id, job.id)
  const { moves } = watchState(rule, watch, job, context.now())
  const name = { ruleId: rule.id, jobId: job.id, source: '', key: '' }
  return moves.map(({ state, ...move }) => ({ rule, name, state, move, isMoment: !isLastingState(state) }))
}

/** What was told last. One that lasted and is over by itself is as good as never told: it can come again. */
async function readWatch(db: Kysely<Tables>, ruleId: number, jobId: number): Promise<StateWatch> {
  const last = await db
    .selectFrom('alert')
    .select(['attempt', 'state', 'status', 'changed_by'])
    .where('rule_id', '=', ruleId)
    .where('job_id', '=', jobId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!last?.state) return null
  const isOver = last.status === 'resolved' && last.changed_by === null && isLastingState(last.state)
  return isOver ? null : { attempt: last.attempt, state: last.state }
}

/** Of a job that has ended, what was too high or too low is no matter any more, nor what it did; NaN and a diverging loss are. */
async function resolveMoot(context: StorageContext, job: CheckedJob): Promise<void> {
  const { db, alerts: engine, changes } = context
  const rules = [...engine.rulesOf('threshold'), ...engine.rulesOf('change'), ...engine.rulesOf('anomaly')]
  const ids = rules.map(({ id }) => id)
  if (ids.length === 0) return
  const open = await db
    .selectFrom('alert')
    .select('id')
    .where('job_id', '=', job.id)
    .where('rule_id', 'in', ids)
    .where((eb) => eb.or([eb('anomaly', 'is', null), eb('anomaly', '!=', 'divergence')]))
    .where('status', '!=', 'resolved')
    .execute()
  if (open.length === 0) return
  changes.alerts.push(
    ...(await resolveAlerts(
      context,
      open.map(({ id }) => id),
    )),
  )
  changes.jobs.add(job.id)
  changes.afterCommit.push(() => engine.forgetRules())
}
