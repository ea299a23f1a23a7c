/** Alerts that a script tells: kept as they come, and told on the channels of the rules that wait for them. */
import { alertLevels } from '@pilothouse/contract'
import { isInScope } from '@pilothouse/signals'
import { queueDeliveries } from '../channels/queue-deliveries.ts'
import type { StorageContext } from '../storage/operation.ts'
import { type WaitingAlert, storeAlerts } from './alerts.ts'
import type { WatchedJob } from './alert-engine.ts'

/** A channel that several rules name is told once. */
export async function takeScriptAlerts(
  context: StorageContext,
  job: WatchedJob & { name: string },
  waiting: readonly WaitingAlert[],
): Promise<void> {
  const stored = await storeAlerts(context, job, waiting)
  context.changes.alerts.push(...stored)
  const rules = context.alerts.rulesOf('script').filter(({ scope }) => isInScope(scope, job))
  if (rules.length === 0) return
  for (const alert of stored) {
    const matching = rules.filter(({ condition }) => rank(alert.level) >= rank(condition.level))
    const channels = [...new Set(matching.flatMap((rule) => rule.channels))]
    await queueDeliveries(context, channels, { event: 'raised', alert, project: job.project, at: alert.time })
  }
}

function rank(level: (typeof alertLevels)[number]): number {
  return alertLevels.indexOf(level)
}
