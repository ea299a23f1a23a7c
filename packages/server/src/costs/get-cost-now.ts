import type { CostNow, costNowQuery } from '@pilothouse/contract'
import { findPeriod, forecastBudget } from '@pilothouse/signals'
import { sql } from 'kysely'
import type { z } from 'zod'
import { readRates } from '../rates/rate-setting.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { type Spent, sumSpent } from './sum-spent.ts'

type Totals = Map<string, { amount: number; perHour: number; running: number }>

/** The rate of what runs, and what came together since the day, the week and the month began, by currency. */
export const getCostNow: Operation<z.output<typeof costNowQuery>, CostNow> = async (context, { offsetMinutes }) => {
  const at = context.now()
  const since = async (period: 'day' | 'week' | 'month' | 'total'): Promise<Totals> =>
    addUp(await sumSpent(context, { from: findPeriod(period, at, offsetMinutes).from, at }))
  const [today, week, month, total] = [
    await since('day'),
    await since('week'),
    await since('month'),
    await since('total'),
  ]
  const { from, until } = findPeriod('month', at, offsetMinutes)
  const read = (totals: Totals, currency: string): number => totals.get(currency)?.amount ?? 0
  const { card } = await readRates(context.db)
  return {
    at,
    monthStart: from,
    monthEnd: until ?? at,
    currencies: [...total].toSorted(byAmount).map(([currency, { perHour, running }]) => {
      const spent = {
        today: read(today, currency),
        week: read(week, currency),
        month: read(month, currency),
        total: read(total, currency),
      }
      const forecast = forecastBudget({ spent: spent.month, perHour, now: at, until, budget: Infinity })
      return { currency, perHour, running, spent, monthProjected: forecast.projected ?? spent.month }
    }),
    unpricedRunning: await countUnpriced(context),
    hasRates: card.rates.length > 0,
  }
}

function addUp(rows: readonly Spent[]): Totals {
  const totals: Totals = new Map()
  for (const { currency, amount, perHour, running } of rows) {
    const before = totals.get(currency) ?? { amount: 0, perHour: 0, running: 0 }
    totals.set(currency, {
      amount: before.amount + amount,
      perHour: before.perHour + perHour,
      running: before.running + running,
    })
  }
  return totals
}

function byAmount([, one]: [string, { amount: number }], [, other]: [string, { amount: number }]): number {
  return other.amount - one.amount
}

async function countUnpriced({ db }: StorageContext): Promise<number> {
  const { count } = await db
    .selectFrom('attempt')
    .innerJoin('job', 'job.id', 'attempt.job_id')
    .select(sql<number | string>`count(distinct job.id)`.as('count'))
    .where('attempt.ended_ms', 'is', null)
    .where('attempt.started_ms', 'is not', null)
    .where('job.hour_cost', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}
