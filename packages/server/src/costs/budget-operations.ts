/** Budgets: made, changed, deleted, and read with how they stand. */
import {
  type Budget,
  type BudgetNotice,
  type BudgetStop,
  type BudgetValues,
  PilothouseError,
  limits,
} from '@pilothouse/contract'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { BudgetBook, type UsedBudget, findBudget, selectBudgets, toBudget } from './budget-rows.ts'
import { evaluateBudgets } from './evaluate-budgets.ts'
import { getCostHistory } from './get-cost-history.ts'
import { getCostNow } from './get-cost-now.ts'

/** Told of in one answer. */
const noticesMax = 200
const stopsMax = 100

const listBudgets: Operation<null, Budget[]> = async (context) => {
  const book = new BudgetBook(context, context.now())
  const budgets: Budget[] = []
  for (const row of await selectBudgets(context.db).execute()) {
    const state = await book.read(row)
    budgets.push(toBudget(row, state, await listStops(context, row.id, state.from)))
  }
  return budgets
}

const getBudget: Operation<{ id: number }, Budget> = async (context, { id }) => {
  const row = await findBudget(context.db, id)
  const state = await new BudgetBook(context, context.now()).read(row)
  return toBudget(row, state, await listStops(context, id, state.from))
}

/** @throws PilothouseError `conflict` at the bound, `invalid` for a channel that there is not */
const createBudget: Operation<{ values: BudgetValues; memberId: number }, Budget> = async (context, input) => {
  const { db, now } = context
  const { count } = await db
    .selectFrom('budget')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= limits.budgetsMax)
    throw new PilothouseError('conflict', `There are ${limits.budgetsMax} budgets, more are not kept.`, {
      hint: 'Delete one that nobody needs.',
    })
  const columns = await toColumns(context, input.values)
  const { id } = await db
    .insertInto('budget')
    .values({ ...columns, owner_id: input.memberId, created_ms: now(), changed_ms: now() })
    .returning('id')
    .executeTakeFirstOrThrow()
  return getBudget(context, { id })
}

/** @throws PilothouseError `notFound`, `invalid` for a channel that there is not */
const replaceBudget: Operation<{ id: number; values: BudgetValues }, Budget> = async (context, { id, values }) => {
  await findBudget(context.db, id)
  const columns = await toColumns(context, values)
  await context.db
    .updateTable('budget')
    .set({ ...columns, changed_ms: context.now() })
    .where('id', '=', id)
    .execute()
  return getBudget(context, { id })
}

/** @throws PilothouseError `notFound` */
const deleteBudget: Operation<{ id: number }, null> = async ({ db }, { id }) => {
  await findBudget(db, id)
  await db.deleteFrom('budget_notice').where('budget_id', '=', id).execute()
  await db.deleteFrom('budget_stop').where('budget_id', '=', id).execute()
  await db.deleteFrom('budget').where('id', '=', id).execute()
  return null
}

const listNotices: Operation<null, BudgetNotice[]> = async ({ db }) => {
  const rows = await db
    .selectFrom('budget_notice')
    .innerJoin('budget', 'budget.id', 'budget_notice.budget_id')
    .selectAll('budget_notice')
    .select('budget.name')
    .orderBy('budget_notice.id', 'desc')
    .limit(noticesMax)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    budget: { id: row.budget_id, name: row.name },
    threshold: row.threshold,
    periodStart: row.period_ms,
    spent: row.spent,
    amount: row.amount,
    currency: row.currency,
    at: row.at_ms,
  }))
}

/** Those that a launch would fall under. Its member is not known to plans that are read anew, so budgets of members are left out. */
const listUsed: Operation<{ project: string; target: string }, UsedBudget[]> = async (context, names) => {
  const book = new BudgetBook(context, context.now())
  const rows = await selectBudgets(context.db)
    .where('budget.enabled', '=', 1)
    .where('budget.scope', 'in', ['all', 'project', 'target'])
    .execute()
  const used: UsedBudget[] = []
  for (const row of rows) {
    const { name, scope, subject, action, period } = row
    if ((scope === 'project' || scope === 'target') && names[scope] !== subject) continue
    if ((await book.read(row)).share >= 1) used.push({ name, scope, subject, action, period })
  }
  return used
}

async function listStops({ db }: StorageContext, budgetId: number, from: number): Promise<BudgetStop[]> {
  const rows = await db
    .selectFrom('budget_stop')
    .innerJoin('job', 'job.id', 'budget_stop.job_id')
    .select(['job.uid', 'job.name', 'budget_stop.at_ms', 'budget_stop.refusal'])
    .where('budget_stop.budget_id', '=', budgetId)
    .where('budget_stop.period_ms', '=', from)
    .orderBy('budget_stop.at_ms', 'desc')
    .limit(stopsMax)
    .execute()
  return rows.map(({ uid, name, at_ms, refusal }) => ({ job: { uid, name }, at: at_ms, refusal }))
}

async function toColumns({ db }: StorageContext, values: BudgetValues) {
  const { name, scope, subject, amount, currency, period, offsetMinutes, thresholds, action, channels, enabled } =
    values
  const known = await db.selectFrom('channel').select('id').execute()
  const missing = channels.find((id) => !known.some((one) => one.id === id))
  if (missing !== undefined)
    throw new PilothouseError('invalid', `There is no channel ${missing}.`, { field: 'channels' })
  return {
    name,
    scope,
    subject,
    amount,
    currency,
    period,
    offset_minutes: offsetMinutes,
    thresholds: JSON.stringify(thresholds),
    action,
    channels: JSON.stringify(channels),
    enabled: enabled ? (1 as const) : (0 as const),
  }
}

export const costOperations = {
  'costs.now': getCostNow,
  'costs.history': getCostHistory,
  'budgets.list': listBudgets,
  'budgets.get': getBudget,
  'budgets.create': createBudget,
  'budgets.replace': replaceBudget,
  'budgets.delete': deleteBudget,
  'budgets.notices': listNotices,
  'budgets.used': listUsed,
  'budgets.evaluate': evaluateBudgets,
}
export const costReads = [
  'costs.now',
  'costs.history',
  'budgets.list',
  'budgets.get',
  'budgets.notices',
  'budgets.used',
] as const
