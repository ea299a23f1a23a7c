/** From what rules say to rows: an alert raised or resolved, and a delivery on each channel of its rule. */
import type { Alert } from '@pilothouse/contract'
import { queueDeliveries } from '../channels/queue-deliveries.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { AlertDraft, RuleMove } from './alert-draft.ts'
import type { WatchedJob } from './alert-engine.ts'
import { resolveAlerts, storeRuleAlert } from './alerts.ts'

export type MovedJob = WatchedJob & { name: string; attempt: number }

/** Writes the moves of one job, in their order. One alert of a rule and series is open at most. */
export async function recordMoves(
  context: StorageContext,
  draft: AlertDraft,
  { job, moves }: { job: MovedJob; moves: readonly RuleMove[] },
): Promise<void> {
  for (const move of moves) {
    const alerts =
      move.move.kind === 'raised' ? await raise(context, draft, { job, move }) : await resolve(context, draft, move)
    for (const alert of alerts) {
      context.changes.alerts.push(alert)
      context.changes.jobs.add(job.id)
      await tell(context, job, { alert, move })
    }
  }
}

async function raise(
  context: StorageContext,
  draft: AlertDraft,
  { job, move: { rule, name, state, move, isMoment } }: { job: MovedJob; move: RuleMove },
): Promise<Alert[]> {
  if (!isMoment && draft.openOf(name) !== undefined) return []
  const alert = await storeRuleAlert(context, job, {
    rule,
    level: rule.level,
    attempt: job.attempt,
    series: name.key === '' ? null : { source: name.source, key: name.key },
    state,
    anomaly: name.anomaly ?? null,
    text: move.text,
    step: move.step,
    value: move.value,
    timeMs: Math.min(move.at, context.now()),
    status: isMoment ? 'resolved' : 'raised',
  })
  if (!isMoment) draft.setOpen(name, { id: alert.id, sinceMs: alert.time })
  return [alert]
}

async function resolve(context: StorageContext, draft: AlertDraft, { name }: RuleMove): Promise<Alert[]> {
  const id = draft.openOf(name)
  if (id === undefined) return []
  draft.setOpen(name, undefined)
  return resolveAlerts(context, [id])
}

async function tell(
  context: StorageContext,
  job: MovedJob,
  { alert, move: { rule, move } }: { alert: Alert; move: RuleMove },
): Promise<void> {
  if (move.kind === 'resolved' && !rule.tellResolved) return
  await queueDeliveries(context, rule.channels, {
    event: move.kind,
    alert: { ...alert, text: move.text },
    project: job.project,
    at: move.kind === 'raised' ? alert.time : Math.min(move.at, context.now()),
  })
}
