/** Budgets as they are kept, with how they stand. */
import { type Budget, type BudgetStop, PilothouseError } from '@pilothouse/contract'
import { findPeriod, forecastBudget } from '@pilothouse/signals'
import type { Kysely, Selectable } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { BudgetTable } from '../storage/cost-tables.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type Spent, sumSpent } from './sum-spent.ts'

export type BudgetRow = Selectable<BudgetTable> & { owner_name: string | null }

/** A budget that is used up, as whoever launches something within its scope is told. */
export type UsedBudget = Pick<Budget, 'name' | 'scope' | 'subject' | 'action' | 'period'>

export function selectBudgets(db: Kysely<Tables>) {
  return db
    .selectFrom('budget')
    .leftJoin('member', 'member.id', 'budget.owner_id')
    .selectAll('budget')
    .select('member.name as owner_name')
    .orderBy('budget.name')
    .orderBy('budget.id')
}

/** @throws PilothouseError `notFound` */
export async function findBudget(db: Kysely<Tables>, id: number): Promise<BudgetRow> {
  const row = await selectBudgets(db).where('budget.id', '=', id).executeTakeFirst()
  if (row) return row
  throw new PilothouseError('notFound', `There is no budget ${id}.`, { field: 'id' })
}

/** How budgets stand at one moment; those of one period are answered by one question. */
export class BudgetBook {
  readonly #context: StorageContext
  readonly #at: number
  readonly #sums = new Map<number, Promise<Spent[]>>()

  constructor(context: StorageContext, at: number) {
    this.#context = context
    this.#at = at
  }

  async read(row: BudgetRow): Promise<Budget['state']> {
    const at = this.#at
    const { from, until } = findPeriod(row.period, at, row.offset_minutes)
    const own = (await this.#sum(row, from)).filter((one) => isWithin(row, one))
    const [spent, perHour] = [sumOf(own, 'amount'), sumOf(own, 'perHour')]
    const forecast = forecastBudget({ spent, perHour, now: at, until, budget: row.amount })
    return { from, until, spent, perHour, share: spent / row.amount, ...forecast, at }
  }

  async #sum({ scope, subject }: BudgetRow, from: number): Promise<Spent[]> {
    const span = { from, at: this.#at }
    if (scope === 'job') return sumSpent(this.#context, span, subject ?? '')
    const known = this.#sums.get(from) ?? sumSpent(this.#context, span)
    this.#sums.set(from, known)
    return known
  }
}

/** What belongs to a budget: of its scope, in its currency. */
function isWithin({ scope, subject, currency }: BudgetRow, spent: Spent): boolean {
  if (spent.currency !== currency) return false
  return scope === 'all' || scope === 'job' || spent[scope] === subject
}

function sumOf(rows: readonly Spent[], of: 'amount' | 'perHour'): number {
  return rows.reduce((sum, row) => sum + row[of], 0)
}

export function toBudget(row: BudgetRow, state: Budget['state'], stops: BudgetStop[]): Budget {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    subject: row.subject,
    amount: row.amount,
    currency: row.currency,
    period: row.period,
    offsetMinutes: row.offset_minutes,
    thresholds: parseJson<number[]>(row.thresholds),
    action: row.action,
    channels: parseJson<number[]>(row.channels),
    enabled: row.enabled === 1,
    owner: { id: row.owner_id, name: row.owner_name ?? '' },
    createdAt: row.created_ms,
    changedAt: row.changed_ms,
    state,
    stops,
  }
}
