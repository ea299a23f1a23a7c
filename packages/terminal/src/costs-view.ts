import type { Budget, CostHistory, CostNow } from '@pilothouse/contract'
import { formatCount, formatMoney, formatUsageHours, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number }

/** What is spent, in lines: the rate now, sums since the day and the month began, and a table by group. */
export function viewCosts(now: CostNow, history: CostHistory, { paint, width }: View): string[] {
  if (!now.hasRates && now.currencies.length === 0)
    return ['Nobody has said what hours cost. An admin sets rates on the page System (docs/costs.md).']
  const sums = now.currencies.flatMap(({ currency, perHour, running, spent, monthProjected }) => {
    const money = (amount: number): string => formatMoney(amount, currency)
    return [
      `${money(perHour)} an hour now, ${formatCount(running)} running`,
      `Today ${money(spent.today)} · this month ${money(spent.month)}, projected ${money(monthProjected)} (estimate) · in all ${money(spent.total)}`,
    ]
  })
  if (history.groups.length === 0) return [...sums, '', 'No job has run within this time.']
  const columns: Column[] = [
    { title: history.by.toUpperCase(), elastic: true },
    { title: 'HOURS', align: 'right' },
    { title: 'COST', align: 'right' },
  ]
  const rows = history.groups.map(({ name, currency, hours, total }) =>
    [
      sanitizeForTerminal(name ?? '–'),
      formatUsageHours(hours),
      currency === null ? 'no price' : formatMoney(total, currency),
    ].map((text) => ({ text })),
  )
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return [...sums, '', paint('dim', head), ...lines]
}

/** Budgets, a line each. */
export function viewBudgets(budgets: readonly Budget[], { paint, width }: View): string[] {
  if (budgets.length === 0) return ['No budget yet: «pilothouse budgets set --help» says how to set one.']
  const columns: Column[] = [
    { title: 'BUDGET' },
    { title: 'OF', elastic: true },
    { title: 'PERIOD' },
    { title: 'SPENT', align: 'right' },
    { title: 'AMOUNT', align: 'right' },
    { title: '%', align: 'right' },
    { title: 'AT 100 %' },
  ]
  const rows = budgets.map(({ name, scope, subject, period, amount, currency, action, enabled, state }) =>
    [
      sanitizeForTerminal(name),
      sanitizeForTerminal(subject === null ? 'all jobs' : `${scope} ${subject}`),
      period,
      formatMoney(state.spent, currency),
      formatMoney(amount, currency),
      String(Math.round(state.share * 100)),
      enabled ? action : 'off',
    ].map((text) => ({ text })),
  )
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return [paint('dim', head), ...lines]
}
