import type { ColumnTypes } from '../migration.ts'

/** Budgets, which of their thresholds were told of in which period, and which jobs they stopped. */
export function budgetsMigration({ id, int64, float64, bool }: ColumnTypes): string[] {
  return [
    `create table budget (
      id ${id},
      owner_id ${int64} not null,
      name text not null,
      scope text not null,
      subject text,
      amount ${float64} not null,
      currency text not null,
      period text not null,
      offset_minutes ${int64} not null,
      thresholds text not null,
      action text not null,
      channels text not null,
      enabled ${bool} not null,
      created_ms ${int64} not null,
      changed_ms ${int64} not null
    )`,
    // With another amount a threshold is another one: a budget that was raised is told of anew.
    `create table budget_notice (
      id ${id},
      budget_id ${int64} not null,
      period_ms ${int64} not null,
      threshold ${int64} not null,
      amount ${float64} not null,
      spent ${float64} not null,
      currency text not null,
      at_ms ${int64} not null,
      unique (budget_id, period_ms, threshold, amount)
    )`,
    `create table budget_stop (
      budget_id ${int64} not null,
      job_id ${int64} not null,
      attempt ${int64} not null,
      period_ms ${int64} not null,
      at_ms ${int64} not null,
      refusal text,
      primary key (budget_id, job_id, attempt)
    )`,
  ]
}
