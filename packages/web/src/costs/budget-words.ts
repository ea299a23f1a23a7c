import type { Budget, BudgetPeriod, BudgetScope } from '@pilothouse/contract'
import { formatMoney } from '@pilothouse/signals'

export const scopeNames: Record<BudgetScope, string> = {
  all: 'All jobs',
  project: 'A project',
  member: 'A member',
  target: 'A target',
  job: 'One job',
}
export const periodNames: Record<BudgetPeriod, string> = {
  day: 'Each day',
  week: 'Each week',
  month: 'Each month',
  total: 'In all, without end',
}

/** `project vision, each month`. */
export function describeScope({ scope, subject, period }: Pick<Budget, 'scope' | 'subject' | 'period'>): string {
  const of = subject === null ? 'all jobs' : `${scope} ${subject}`
  return `${of}, ${period === 'total' ? 'without end' : `each ${period}`}`
}

/** How it goes on, as an estimate. */
export function describeForecast({ currency, state }: Budget, formatTime: (at: number) => string): string {
  const { share, reachedAt, projected, perHour } = state
  if (share >= 1) return 'Used up.'
  if (reachedAt !== null) return `Estimate: used up ${formatTime(reachedAt)}, if what runs now runs on.`
  if (perHour <= 0) return 'Nothing runs within it now.'
  return projected === null ? '' : `Estimate: ${formatMoney(projected, currency)} at its end, if what runs now runs on.`
}

export type BudgetTone = 'off' | 'good' | 'warn' | 'bad'

/** By its own first threshold. */
export function toneOf({
  enabled,
  state: { share },
  thresholds,
}: Pick<Budget, 'enabled' | 'state' | 'thresholds'>): BudgetTone {
  if (!enabled) return 'off'
  if (share >= 1) return 'bad'
  return share * 100 >= (thresholds[0] ?? 100) ? 'warn' : 'good'
}
