/** Budgets: how much may be spent on what within which time, and what happens when it is. */
import { z } from 'zod'
import { budgetActions, budgetPeriods, budgetScopes } from './budget-words.ts'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'

const currency = z
  .string()
  .trim()
  .toUpperCase()
  .refine(
    (code) => Intl.supportedValuesOf('currency').includes(code),
    'a currency by its code of ISO 4217, as USD or EUR',
  )

export const budgetInput = z
  .object({
    name: cleanText(limits.nameLengthMax, 1),
    scope: z.enum(budgetScopes),
    /** Name of the project, member or target, or uid of the job; null for `all`. */
    subject: cleanText(limits.nameLengthMax, 1).nullable().default(null),
    amount: z.number().positive().max(limits.budgetAmountMax),
    currency,
    period: z.enum(budgetPeriods),
    /** Minutes that the clock where its days begin is ahead of UTC. */
    offsetMinutes: z.int().min(-840).max(840).default(0),
    /** At which of its share it tells, %; at 100 it acts, too. */
    thresholds: z
      .array(z.int().min(1).max(1_000))
      .min(1)
      .max(limits.budgetThresholdsMax)
      .default([50, 80, 100])
      .transform((all) => [...new Set(all)].toSorted((one, other) => one - other)),
    action: z.enum(budgetActions).default('tell'),
    /** Ids of channels that are told. */
    channels: z.array(z.int().min(1)).max(limits.budgetChannelsMax).default([]),
    enabled: z.boolean().default(true),
  })
  .refine(({ scope, subject }) => (scope === 'all') === (subject === null), {
    path: ['subject'],
    message: 'a name for every scope but «all», which has none',
  })
export type BudgetInput = z.input<typeof budgetInput>
export type BudgetValues = z.output<typeof budgetInput>

export const budgetNotice = z.object({
  id: z.int(),
  budget: z.object({ id: z.int(), name: z.string() }),
  /** %, and begin of the period that it was reached in, ms. */
  threshold: z.int(),
  periodStart: z.number(),
  spent: z.number(),
  amount: z.number(),
  currency: z.string(),
  at: z.number(),
})
export type BudgetNotice = z.infer<typeof budgetNotice>

export const budgetStop = z.object({
  job: z.object({ uid: z.string(), name: z.string() }),
  at: z.number(),
  /** null: it was told to stop; else why it cannot be told. */
  refusal: z.string().nullable(),
})
export type BudgetStop = z.infer<typeof budgetStop>

export const budget = z.object({
  id: z.int(),
  name: z.string(),
  scope: z.enum(budgetScopes),
  subject: z.string().nullable(),
  amount: z.number(),
  currency: z.string(),
  period: z.enum(budgetPeriods),
  offsetMinutes: z.int(),
  thresholds: z.array(z.int()),
  action: z.enum(budgetActions),
  channels: z.array(z.int()),
  enabled: z.boolean(),
  owner: z.object({ id: z.int(), name: z.string() }),
  createdAt: z.number(),
  changedAt: z.number(),
  state: z.object({
    /** Of the period, ms; `until` is null where it has no end. */
    from: z.number(),
    until: z.number().nullable(),
    spent: z.number(),
    /** Of what runs within its scope. */
    perHour: z.number(),
    /** spent / amount. */
    share: z.number(),
    /** At the end of the period if what runs now runs on; null without an end. An estimate. */
    projected: z.number().nullable(),
    /** When it will be used up at this rate, within its period; null: it will not, or is already. */
    reachedAt: z.number().nullable(),
    /** What the two rest on, in words. */
    assumption: z.string(),
    at: z.number(),
  }),
  /** What it did to jobs in this period, newest first. */
  stops: z.array(budgetStop),
})
export type Budget = z.infer<typeof budget>

export const budgetList = z.object({ budgets: z.array(budget) })
export const budgetNoticeList = z.object({ notices: z.array(budgetNotice) })
