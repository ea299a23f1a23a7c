/**
 * Schedules: one parameter of a running job moves by itself. They are evaluated inside the training, at its control points,
 * by the SDK; the page evaluates the same for a preview. Both come to the same numbers (`python/tests/schedule_cases.json`).
 */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'
import { metricGoals } from './metric-definition.ts'
import { parameterValue } from './parameter.ts'
import { reportKey } from './report-key.ts'
import { schedulePhases, scheduleReasons } from './schedule-phase.ts'

/** Values of a metric in a row, after which it holds. A control point sees the newest value; each counts once. */
const points = z.int().min(1).max(1_000_000).default(1)

export const scheduleCondition = z.discriminatedUnion('is', [
  z.object({ metric: reportKey, is: z.enum(['below', 'above']), value: z.number(), points }),
  /** No value in so many is better than the best before them. NaN is no improvement. */
  z.object({
    metric: reportKey,
    is: z.literal('noImprovement'),
    goal: z.enum(metricGoals).default('minimize'),
    points,
  }),
])
export type ScheduleCondition = z.infer<typeof scheduleCondition>

export const scheduleStart = z.discriminatedUnion('at', [
  z.object({ at: z.literal('now') }),
  /** At the first control point at this step or later, and the same for epochs; the movement is reckoned from the step itself. */
  z.object({ at: z.literal('step'), value: z.number().min(0) }),
  z.object({ at: z.literal('epoch'), value: z.number().min(0) }),
  /** Clock of the training, ms since 1970. */
  z.object({ at: z.literal('time'), value: z.number().min(0) }),
  z.object({ at: z.literal('metric'), condition: scheduleCondition }),
])
export type ScheduleStart = z.infer<typeof scheduleStart>

const length = z.number().positive()
/** How long a value takes from the first to the last: one of three. */
export const scheduleSpan = z.union([
  z.strictObject({ steps: length }),
  z.strictObject({ epochs: length }),
  z.strictObject({ ms: length }),
])
export type ScheduleSpan = z.infer<typeof scheduleSpan>

const moving = {
  /** null: the value that it has at the start. */
  from: z.number().nullable().default(null),
  to: z.number(),
  over: scheduleSpan,
}
export const scheduleShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set'), to: parameterValue }),
  z.object({ kind: z.literal('linear'), ...moving }),
  /** Half a wave: slow at both ends. */
  z.object({ kind: z.literal('cosine'), ...moving }),
  /** The same factor in equal times. */
  z.object({ kind: z.literal('exponential'), ...moving }),
  z.object({ kind: z.literal('warmup'), from: z.number(), to: z.number(), over: scheduleSpan }),
])
export type ScheduleShape = z.infer<typeof scheduleShape>

export const schedule = z.object({
  /** The parameter. Only a number moves; any other value is set at once. */
  key: cleanText(limits.nameLengthMax, 1),
  start: scheduleStart.default({ at: 'now' }),
  shape: scheduleShape,
  /** A new value at most every so many steps; the last one always. */
  every: z.int().min(1).max(1_000_000_000).default(1),
})
export type Schedule = z.infer<typeof schedule>

/** Where a schedule stands: what the training keeps of it, and tells. Bounded, and JSON. */
export const scheduleState = z.object({
  phase: z.enum(schedulePhases),
  /** Where its movement begins, in each unit; null before it has begun, and where the unit is not known. */
  startStep: z.number().nullable(),
  startEpoch: z.number().nullable(),
  startMs: z.number().nullable(),
  /** Value that it begins with, where it moves. */
  from: z.number().nullable(),
  /** Value that it has set last, and the step at which it saw to that last; null before, and after a rollback. */
  value: parameterValue.nullable(),
  valueStep: z.number().nullable(),
  /** Step of the last control point. */
  step: z.number().nullable(),
  /** Of a condition: step of the newest value that counted, how many in a row, the best of them. */
  metricStep: z.number().nullable(),
  streak: z.int(),
  best: z.number().nullable(),
  /** Why it was cancelled or has failed. */
  reason: z.enum(scheduleReasons).nullable(),
})
export type ScheduleState = z.infer<typeof scheduleState>
