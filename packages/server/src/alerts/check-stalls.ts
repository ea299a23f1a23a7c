/** Rules that look for stalls: live jobs that are heard and send no points. Those that send some are looked at as they come. */
import { isInScope } from '@pilothouse/signals'
import type { Operation } from '../storage/operation.ts'
import { AlertDraft } from './alert-draft.ts'
import { readCheckedJobs, showChange } from './check-states.ts'
import { recordMoves } from './record-moves.ts'

/** Reporters send at least every 10 s. */
const heardWithinMs = 60_000
/** No job has stalled before. */
const leastWaitMs = 10 * 60_000

/** Looks at jobs that have logged nothing for long. */
export const checkStalls: Operation<null, null> = async (context) => {
  const { alerts: engine, db, now } = context
  await engine.prepare(db)
  const rules = engine.rulesOf('anomaly').filter(({ condition }) => condition.kinds.includes('stall'))
  if (rules.length === 0) return null
  for (const job of await readCheckedJobs(db, engine.quietJobs(now(), leastWaitMs))) {
    if (job.state !== 'running' || job.heardAt === null || now() - job.heardAt > heardWithinMs) continue
    const draft = new AlertDraft(engine)
    const before = context.changes.alerts.length
    const moves = rules.flatMap((rule) => (isInScope(rule.scope, job) ? draft.checkStall(job, rule, now()) : []))
    await recordMoves(context, draft, { job, moves })
    if (context.changes.alerts.length > before) await showChange(context, job)
    context.changes.afterCommit.push(() => draft.keep())
  }
  return null
}
