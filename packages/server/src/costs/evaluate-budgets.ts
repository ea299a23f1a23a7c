/** A look at all budgets: what is reached is noted, told and acted on in one transaction, so each happens once, whatever is killed. */
import type { BudgetSpent } from '../channels/budget-spent.ts'
import { queueDeliveries } from '../channels/queue-deliveries.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { BudgetBook, type BudgetRow, selectBudgets } from './budget-rows.ts'
import { findReached, isReached } from './judge-budget.ts'
import { stopSpenders } from './stop-spenders.ts'

export type Evaluated = {
  /** Deliveries wait for the courier. */
  isTold: boolean
  /** Uids of launches that are to be cancelled. */
  cancelled: string[]
}

/** @param input.at server's clock, ms: one that the keeper of budgets has judged */
export const evaluateBudgets: Operation<{ at: number }, Evaluated> = async (context, { at }) => {
  const rows = await selectBudgets(context.db).where('budget.enabled', '=', 1).execute()
  const book = new BudgetBook(context, at)
  const found: Evaluated = { isTold: false, cancelled: [] }
  for (const row of rows) {
    const { spent, from } = await book.read(row)
    if (await tellReached(context, row, { spent, from, at })) found.isTold = true
    if (row.action === 'stop' && isReached({ amount: row.amount, spent }, 100))
      found.cancelled.push(...(await stopSpenders(context, row, { from, at })))
  }
  return found
}

type Standing = { spent: number; from: number; at: number }

/** Of several that are reached at once the highest is told, and all are noted. */
async function tellReached(context: StorageContext, row: BudgetRow, { spent, from, at }: Standing): Promise<boolean> {
  const { db } = context
  const thresholds = parseJson<number[]>(row.thresholds)
  const noted = await db
    .selectFrom('budget_notice')
    .select('threshold')
    .where('budget_id', '=', row.id)
    .where('period_ms', '=', from)
    .where('amount', '=', row.amount)
    .execute()
  const told = noted.map(({ threshold }) => threshold)
  const reached = findReached({ amount: row.amount, thresholds, spent }, told)
  const highest = reached.at(-1)
  if (highest === undefined) return false
  const notice = { budget_id: row.id, period_ms: from, amount: row.amount, spent, currency: row.currency, at_ms: at }
  await db
    .insertInto('budget_notice')
    .values(reached.map((threshold) => ({ ...notice, threshold })))
    .execute()
  const message = { event: 'spent', alert: null, project: null, budget: describe(row, spent, highest), at } as const
  return (await queueDeliveries(context, parseJson<number[]>(row.channels), message)).length > 0
}

function describe(row: BudgetRow, spent: number, threshold: number): BudgetSpent {
  const { id, name, scope, subject, period, amount, currency, action } = row
  return { id, name, scope, subject, period, amount, currency, action, spent, threshold }
}
