/** Tables of budgets, as a part of `tables.ts`. */
import type { BudgetAction, BudgetPeriod, BudgetScope } from '@pilothouse/contract'
import type { Generated } from 'kysely'
import type { Flag, Json } from './tables.ts'

export type CostTables = {
  budget: BudgetTable
  budget_notice: BudgetNoticeTable
  budget_stop: BudgetStopTable
}

export type BudgetTable = {
  id: Generated<number>
  owner_id: number
  name: string
  scope: BudgetScope
  /** Name of the project, member or target, or uid of the job. */
  subject: string | null
  amount: number
  currency: string
  period: BudgetPeriod
  offset_minutes: number
  /** Array of %, ascending. */
  thresholds: Json
  action: BudgetAction
  /** Array of ids. */
  channels: Json
  enabled: Flag
  created_ms: number
  changed_ms: number
}

/** A threshold that was reached: once in each period, as long as the amount is the same. */
export type BudgetNoticeTable = {
  id: Generated<number>
  budget_id: number
  /** Begin of the period. */
  period_ms: number
  threshold: number
  amount: number
  spent: number
  currency: string
  at_ms: number
}

/** A job that was told to stop for a budget, once in each attempt. */
export type BudgetStopTable = {
  budget_id: number
  job_id: number
  attempt: number
  period_ms: number
  at_ms: number
  /** Why it cannot be told; null: it was. */
  refusal: string | null
}
