/** Alert rules: when somebody wants to be told, of which jobs, and how. */
import { z } from 'zod'
import { alertLevels } from './alert-level.ts'
import { anomalyKinds, watchedStates } from './alert-condition.ts'
import { cleanText } from './clean-text.ts'
import { jobUid } from './job-uid.ts'
import { limits } from './limits.ts'
import { jobSource } from './resource-key.ts'

const dayMs = 24 * 3_600_000
/** Exact, or with `*` for any text: `*loss*`. */
const keyPattern = cleanText(limits.keyBytesMax, 1)
/** Exact source, or a prefix ending in `*` as `gpu:*`; `*` for all. */
const sourcePattern = cleanText(limits.nameLengthMax, 1)
const span = z.number().int().min(0).max(dayMs)
const series = { key: keyPattern, source: sourcePattern.default(jobSource) }

export const alertCondition = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('threshold'),
    ...series,
    is: z.enum(['above', 'below']),
    value: z.number(),
    /** The value is a percentage of this key of the same source: `disk.used` of `disk.total`. */
    of: keyPattern.nullable().default(null),
    /** For so long without a break, by the times of its points. */
    forMs: span.default(0),
    /** Over once the value is on the other side of this one; null: of `value`. */
    clearValue: z.number().nullable().default(null),
  }),
  z.object({
    kind: z.literal('change'),
    ...series,
    direction: z.enum(['rise', 'fall']),
    /** In units of the metric, or in % of the lowest (highest) value of the window. */
    amount: z.number().positive(),
    relative: z.boolean().default(true),
    /** Against the lowest (highest) value of so long before. */
    windowMs: z.number().int().min(1_000).max(dayMs),
  }),
  /** A value is NaN or infinite. Over after ten finite ones in a row. */
  z.object({ kind: z.literal('non-finite'), ...series }),
  z.object({
    kind: z.literal('diverging'),
    ...series,
    /** The smoothed value is so many times its best one: 1.5 is half as much again. */
    factor: z.number().min(1.01).max(1_000).default(1.5),
  }),
  /** A live job sends nothing at all. */
  z.object({
    kind: z.literal('silence'),
    forMs: z
      .number()
      .int()
      .min(10_000)
      .max(7 * dayMs),
  }),
  z.object({ kind: z.literal('state'), states: z.array(z.enum(watchedStates)).min(1).max(watchedStates.length) }),
  z.object({ kind: z.literal('epoch'), every: z.number().int().min(1).max(1_000_000).default(1) }),
  /** The script itself raises an alert, of this level or a higher one. */
  z.object({ kind: z.literal('script'), level: z.enum(alertLevels).default('info') }),
  /** Something unusual, told by detectors that need no bounds; over when they say so. `key` and `source` are of the curves. */
  z.object({
    kind: z.literal('anomaly'),
    kinds: z
      .array(z.enum(anomalyKinds))
      .min(1)
      .max(anomalyKinds.length)
      .default([...anomalyKinds]),
    key: keyPattern.default('*loss*'),
    source: sourcePattern.default(jobSource),
  }),
])
export type AlertCondition = z.infer<typeof alertCondition>

export const alertScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('project'), project: cleanText(limits.nameLengthMax, 1) }),
  z.object({ kind: z.literal('job'), job: jobUid }),
])
export type AlertScope = z.infer<typeof alertScope>

/** A rule as somebody writes it. */
export const alertRuleInput = z.object({
  name: cleanText(limits.nameLengthMax, 1),
  condition: alertCondition,
  scope: alertScope.default({ kind: 'all' }),
  level: z.enum(alertLevels).default('warning'),
  /** Ids of the channels that tell it; none: it is only listed. */
  channels: z.array(z.int()).max(limits.ruleChannelsMax).default([]),
  /** Once the condition has been over for so long, the alert resolves by itself. */
  clearMs: span.default(0),
  /** After an alert of one job and source the next one at the earliest so much later, ms. */
  cooldownMs: z
    .number()
    .int()
    .min(1_000)
    .max(7 * dayMs)
    .default(300_000),
  /** Its channels are told when it is over, too. */
  tellResolved: z.boolean().default(true),
  enabled: z.boolean().default(true),
})
export type AlertRuleInput = z.input<typeof alertRuleInput>

export const alertRule = alertRuleInput.extend({
  id: z.int(),
  owner: z.object({ id: z.int(), name: z.string() }),
  createdAt: z.number(),
  changedAt: z.number(),
  /** Alerts of it that are not resolved. */
  open: z.int(),
})
export type AlertRule = z.infer<typeof alertRule>
/** By name. */
export const alertRuleList = z.object({ rules: z.array(alertRule) })
