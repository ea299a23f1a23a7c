/** Alerts: what a script (later also a rule) wants somebody to know. */
import { z } from 'zod'
import { alertLevels } from './alert-level.ts'
import { cleanText } from './clean-text.ts'
import { jobUid } from './job-uid.ts'
import { limits } from './limits.ts'
import { queryList } from './query-list.ts'

/** An alert inside a report. */
export const alertEvent = z.object({
  title: cleanText(limits.nameLengthMax, 1),
  text: cleanText(limits.alertTextLengthMax).default(''),
  level: z.enum(alertLevels).default('info'),
  /** Client's clock, ms. */
  at: z.number(),
  step: z.number().nullable().default(null),
})
export type AlertEvent = z.infer<typeof alertEvent>

export const alert = z.object({
  id: z.int(),
  job: z.object({ uid: z.string(), name: z.string() }),
  attempt: z.int(),
  level: z.enum(alertLevels),
  title: z.string(),
  text: z.string(),
  step: z.number().nullable(),
  /** Server's clock, ms. */
  time: z.number(),
})
export type Alert = z.infer<typeof alert>

export const alertQuery = z.object({
  job: queryList(jobUid, 100),
  level: queryList(z.enum(alertLevels)),
  /** At or after, ms. */
  since: z.coerce.number().optional(),
  limit: z.coerce.number().int().min(1).max(limits.alertPageMax).default(50),
  /** From `next` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
})
export type AlertQuery = z.input<typeof alertQuery>

/** Newest first. */
export const alertPage = z.object({ alerts: z.array(alert), next: z.int().nullable() })
export type AlertPage = z.infer<typeof alertPage>
