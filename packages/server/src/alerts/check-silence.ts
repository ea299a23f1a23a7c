/** Silence rules: live jobs that have sent nothing for too long. */
import { liveStates } from '@pilothouse/contract'
import { type Trigger, isInScope, watchSilence } from '@pilothouse/signals'
import type { Operation } from '../storage/operation.ts'
import { AlertDraft, type RuleMove } from './alert-draft.ts'
import type { RuleOf } from './alert-engine.ts'
import { type CheckedJob, readCheckedJobs, showChange } from './check-states.ts'
import { recordMoves } from './record-moves.ts'

type Input = {
  /** Before it nobody could report. */
  sinceMs: number
  /** What is known of each rule and job that is, or was lately, silent; changed here. */
  triggers: Map<string, Trigger>
}

/** Looks at jobs that have been silent for as long as the least patient rule, and at those with an open alert. */
export const checkSilence: Operation<Input, null> = async (context, { sinceMs, triggers }) => {
  const { alerts: engine, db, now } = context
  await engine.prepare(db)
  const rules = engine.rulesOf('silence')
  const patienceMs = Math.min(...rules.map(({ condition }) => condition.forMs))
  const silent = await db
    .selectFrom('job')
    .select('id')
    .where('state', 'in', liveStates)
    .where((eb) => eb.fn.coalesce('heard_ms', 'started_ms', 'created_ms'), '<=', now() - patienceMs)
    .execute()
  const open = rules.flatMap(({ id }) => engine.jobsWithOpen(id))
  const ids = [...new Set([...silent.map(({ id }) => id), ...open])]
  for (const job of await readCheckedJobs(db, ids)) {
    const draft = new AlertDraft(engine)
    const before = context.changes.alerts.length
    const moves = rules.flatMap((rule) => (isInScope(rule.scope, job) ? checkRule(rule, job) : []))
    await recordMoves(context, draft, { job, moves })
    if (context.changes.alerts.length > before) await showChange(context, job)
    context.changes.afterCommit.push(() => draft.keep())
  }
  forgetOthers(triggers, ids)
  return null

  function checkRule(rule: RuleOf<'silence'>, job: CheckedJob): RuleMove[] {
    const name = { ruleId: rule.id, jobId: job.id, source: '', key: '' }
    const known = triggers.get(`${rule.id}|${job.id}`)
    const isOpen = engine.openOf(name) !== undefined
    const trigger = known && isOpen === (known.phase === 'raised') ? known : startTrigger(isOpen, known && now())
    const since = Math.max(sinceMs, rule.sinceMs)
    const { watch, moves } = watchSilence({ ...rule, sinceMs: since }, trigger, job, now())
    triggers.set(`${rule.id}|${job.id}`, watch)
    return moves.map((move) => ({ rule, name, state: null, move, isMoment: false }))
  }
}

/** One that an earlier start has raised, or that a person resolved just now: that one stays quiet for its cooldown. */
function startTrigger(isOpen: boolean, resolvedMs: number | undefined): Trigger {
  const raisedMs = resolvedMs ?? -Infinity
  return { phase: isOpen ? 'raised' : 'quiet', sinceMs: null, lastMs: -Infinity, raisedMs }
}

function forgetOthers(triggers: Map<string, Trigger>, ids: readonly number[]): void {
  const kept = new Set(ids)
  for (const name of triggers.keys()) if (!kept.has(Number(name.split('|', 2)[1]))) triggers.delete(name)
}
