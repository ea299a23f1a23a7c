/** That a budget is spent to some part, as it is told: kept with the delivery as it was then; and its words for people. */
import { type AlertLevel, budgetActions, budgetPeriods, budgetScopes } from '@pilothouse/contract'
import { formatMoney } from '@pilothouse/signals'
import { z } from 'zod'

export const budgetSpent = z.object({
  id: z.int(),
  name: z.string(),
  scope: z.enum(budgetScopes),
  subject: z.string().nullable(),
  period: z.enum(budgetPeriods),
  amount: z.number(),
  currency: z.string(),
  spent: z.number(),
  /** %, the highest that was reached. */
  threshold: z.int(),
  action: z.enum(budgetActions),
})
export type BudgetSpent = z.infer<typeof budgetSpent>

export type BudgetWords = { level: AlertLevel; title: string; text: string; context: string }

export function describeBudgetSpent(budget: BudgetSpent): BudgetWords {
  const { name, scope, subject, period, amount, currency, spent, threshold, action } = budget
  const isUsedUp = threshold >= 100
  const title = isUsedUp
    ? `Budget «${name}» is used up${threshold > 100 ? `, to ${threshold} %` : ''}`
    : `Budget «${name}» is spent to ${threshold} %`
  const sums = `${formatMoney(spent, currency)} of ${formatMoney(amount, currency)}, an estimate by the present rates.`
  const stops = isUsedUp && action === 'stop' ? '\nWhat costs within its scope is told to stop.' : ''
  return {
    level: isUsedUp ? 'error' : 'warning',
    title,
    text: `${sums}${stops}`,
    context: [subject === null ? 'all jobs' : `${scope} ${subject}`, periodWords[period]].join(' · '),
  }
}

const periodWords = { day: 'by day', week: 'by week', month: 'by month', total: 'in all' }
