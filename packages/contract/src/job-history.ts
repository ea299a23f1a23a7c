/** Statistics of jobs over time: how they ended, what they took. */
import { z } from 'zod'
import { jobQuery } from './job.ts'
import { limits } from './limits.ts'

export const jobHistoryQuery = jobQuery
  .omit({ since: true, until: true, sort: true, order: true, limit: true, cursor: true })
  .extend({
    /** Range of time, ms; cut into `parts` of equal length. */
    from: z.coerce.number(),
    until: z.coerce.number(),
    parts: z.coerce.number().int().min(1).max(limits.historyPartsMax).default(30),
  })
  .refine(({ from, until }) => until > from, { path: ['until'], message: 'until must lie after from' })
export type JobHistoryQuery = z.input<typeof jobHistoryQuery>

const spent = {
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  lost: z.int(),
  /** Hours of all attempts, and the same times the GPUs of each job. */
  hours: z.number(),
  gpuHours: z.number(),
  /** What these hours cost. */
  cost: z.number(),
  /** Of jobs that completed; null without any. */
  meanDurationMs: z.number().nullable(),
}
export const jobHistory = z.object({
  /** One after another; jobs count where they ended, hours where they were spent. */
  parts: z.array(z.object({ at: z.number(), ...spent })),
  total: z.object({
    ...spent,
    /** completed / (completed + failed + lost); null without any. */
    successRate: z.number().nullable(),
    /** Hours of jobs that no rate matches. */
    unpricedHours: z.number(),
  }),
  /** Of all costs; null where nobody set rates. */
  currency: z.string().nullable(),
})
export type JobHistory = z.infer<typeof jobHistory>
