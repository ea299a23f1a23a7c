/** Alerts: what a script, or a rule, wants somebody to know. */
import { z } from 'zod'
import { alertLevels } from './alert-level.ts'
import { alertStatuses } from './alert-status.ts'
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
  /** null when the script told it, or the rule is gone. */
  rule: z.object({ id: z.int(), name: z.string() }).nullable(),
  /** The series that it is about; null when it is about the job. */
  series: z.object({ source: z.string(), key: z.string() }).nullable(),
  value: z.number().nullable(),
  status: z.enum(alertStatuses),
  /** When it came into that status, and who put it there; null: by itself. */
  changedAt: z.number(),
  changedBy: z.string().nullable(),
})
export type Alert = z.infer<typeof alert>

export const alertQuery = z.object({
  job: queryList(jobUid, 100),
  level: queryList(z.enum(alertLevels)),
  status: queryList(z.enum(alertStatuses)),
  rule: queryList(z.coerce.number().int().min(1), 100),
  /** At or after, ms. */
  since: z.coerce.number().optional(),
  limit: z.coerce.number().int().min(1).max(limits.alertPageMax).default(50),
  /** From `next` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
})
export type AlertQuery = z.input<typeof alertQuery>

/** Alerts that are not resolved, whatever was asked for. */
export const openAlerts = z.object({ raised: z.int(), acknowledged: z.int() })

/** Newest first. */
export const alertPage = z.object({ alerts: z.array(alert), next: z.int().nullable(), open: openAlerts })
export type AlertPage = z.infer<typeof alertPage>

/** Puts alerts into another status; those that cannot go there are left as they are. */
export const alertsEdit = z.object({
  ids: z.array(z.int()).min(1).max(limits.alertPageMax),
  status: z.enum(alertStatuses),
})
export type AlertsEdit = z.input<typeof alertsEdit>
/** All that were asked for and are there, as they are now, newest first. */
export const alertsEdited = z.object({ alerts: z.array(alert), open: openAlerts })
