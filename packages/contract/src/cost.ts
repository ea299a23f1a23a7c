/** What was spent, by whom and on what, over time and now. Amounts of different currencies never meet in one sum. */
import { z } from 'zod'
import { costGroupings } from './cost-words.ts'
import { limits } from './limits.ts'

/** Minutes that the clock of whoever asks is ahead of UTC: where its days begin. */
export const offsetMinutes = z.coerce.number().int().min(-840).max(840).default(0)

/**
 * What an amount rests on. `rated`: hours of jobs times the rate card. `estimate`: what a provider says that a machine costs,
 * times its hours. `charged`: what a provider has billed.
 */
const amounts = z.object({ rated: z.number(), estimate: z.number(), charged: z.number() })
export type CostAmounts = z.infer<typeof amounts>

export const costHistoryQuery = z
  .object({
    by: z.enum(costGroupings).default('project'),
    from: z.coerce.number().int().min(0).max(limits.timeMsMax),
    until: z.coerce.number().int().min(0).max(limits.timeMsMax),
    /** Length of a part. */
    part: z.enum(['hour', 'day']).default('day'),
    offsetMinutes,
  })
  .refine(({ from, until }) => until > from, { path: ['until'], message: 'until must lie after from' })
export type CostHistoryQuery = z.input<typeof costHistoryQuery>

export const costGroup = z.object({
  /** Of the project, the member, the target or the kind; null where nobody said. */
  name: z.string().nullable(),
  /** null: hours without a price. */
  currency: z.string().nullable(),
  hours: z.number(),
  amounts,
  /** Of all three amounts together. */
  total: z.number(),
  /** The same, in each part of the history. */
  parts: z.array(z.number()),
})
export type CostGroup = z.infer<typeof costGroup>

export const costHistory = z.object({
  by: z.enum(costGroupings),
  /** Begin of each part, ms, and where the last one ends. */
  starts: z.array(z.number()),
  until: z.number(),
  /** The most expensive first; one of hours without a price last. */
  groups: z.array(costGroup),
  currencies: z.array(
    z.object({ currency: z.string(), amounts, total: z.number(), parts: z.array(amounts), pricedHours: z.number() }),
  ),
  /** Hours that no rate matches. */
  unpricedHours: z.number(),
})
export type CostHistory = z.infer<typeof costHistory>

export const costNowQuery = z.object({ offsetMinutes })

/** Since the day, the week and the month began, and in all. */
const spentSince = z.object({ today: z.number(), week: z.number(), month: z.number(), total: z.number() })

export const costNow = z.object({
  /** Server's clock, ms. */
  at: z.number(),
  monthStart: z.number(),
  monthEnd: z.number(),
  currencies: z.array(
    z.object({
      currency: z.string(),
      /** Of all that runs. */
      perHour: z.number(),
      spent: spentSince,
      /** What the month will have cost if what runs now runs on: an estimate. */
      monthProjected: z.number(),
      running: z.int(),
    }),
  ),
  /** Jobs that run and that no rate matches. */
  unpricedRunning: z.int(),
  /** False where nobody set rates. */
  hasRates: z.boolean(),
})
export type CostNow = z.infer<typeof costNow>
