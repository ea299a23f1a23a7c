/** Deletion of jobs, the time in which it can be undone, and what is deleted by itself. */
import { z } from 'zod'
import { jobQuery } from './job.ts'
import { jobStates } from './job-state.ts'
import { limits } from './limits.ts'

const days = z.number().positive().max(36_500).nullable()

export const retentionRule = z.object({
  /** Metrics and logs go so many days after the end of a job; the job itself stays. null: never. */
  dataDays: days.default(null),
  /** The whole job is deleted so many days after its end. null: never. */
  jobDays: days.default(null),
})
export type RetentionRule = z.infer<typeof retentionRule>

/** What is deleted by itself: nothing unless it says so, and never a job that has not ended. */
export const retention = z.object({
  /** For projects without a rule of their own. */
  rule: retentionRule.default({ dataDays: null, jobDays: null }),
  projects: z
    .record(z.string().min(1).max(limits.nameLengthMax), retentionRule)
    .refine((projects) => Object.keys(projects).length <= limits.retentionProjectsMax, 'at most 1,000 projects')
    .default({}),
  /** Beyond it jobs are deleted, the one that ended first first. null: no bound. */
  totalBytesMax: z.number().positive().nullable().default(null),
  /** A deleted job can be restored for so many hours; 0 deletes for good at once. */
  undoHours: z.number().min(0).max(2_160).default(24),
})
export type Retention = z.infer<typeof retention>

const due = z.object({
  /** Jobs that the rules would delete now. */
  jobs: z.int(),
  /** Jobs that would lose metrics and logs. */
  data: z.int(),
})
export const retentionAnswer = z.object({ retention, due })
export type RetentionAnswer = z.infer<typeof retentionAnswer>
/** `dryRun` answers what the rules would do, and keeps the ones that are. */
export const retentionSetQuery = z.object({ dryRun: z.stringbool().default(false) })

/** `now` leaves no time to restore it. */
export const jobDeleteQuery = z.object({ now: z.stringbool().default(false) })

const texts = z.array(z.string().max(limits.nameLengthMax)).min(1).max(1_000)

/** `POST /api/jobs/delete`: jobs that match all conditions and have ended. At least one condition must be named. */
export const jobsDelete = z.object({
  uids: texts.optional(),
  state: z.array(z.enum(jobStates)).min(1).optional(),
  kind: jobQuery.shape.kind,
  project: texts.optional(),
  target: texts.optional(),
  tag: texts.optional(),
  owner: texts.optional(),
  group: texts.optional(),
  jobType: texts.optional(),
  search: jobQuery.shape.search,
  archived: jobQuery.shape.archived,
  /** Created at or after / before, ms. */
  since: z.number().optional(),
  until: z.number().optional(),
  /** Ended before, ms. */
  endedBefore: z.number().optional(),
  /** Only counts. */
  dryRun: z.boolean().default(false),
  now: z.boolean().default(false),
})
export type JobsDelete = z.input<typeof jobsDelete>

export const jobsDeleted = z.object({
  /** Deleted, or to be deleted by the same call without `dryRun`. */
  jobs: z.int(),
  /** Space that they take, as measured last. */
  bytes: z.number(),
  /** Jobs that match but have not ended: they stay. */
  notEnded: z.int(),
  dryRun: z.boolean(),
  /** Server's clock; until when they can be restored, or null. */
  at: z.number(),
  restorableUntil: z.number().nullable(),
})
export type JobsDeleted = z.infer<typeof jobsDeleted>

export const deletedJobsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limits.jobPageMax).default(50),
  /** From `next` of the page before. */
  cursor: z.string().max(1024).optional(),
})

/** Jobs that can still be restored, the one deleted last first. */
export const deletedJobPage = z.object({
  jobs: z.array(
    z.object({
      uid: z.string(),
      name: z.string(),
      project: z.string(),
      state: z.enum(jobStates),
      deletedAt: z.number(),
      /** From then on it is gone for good. */
      purgeAt: z.number(),
      /** Who deleted it; null for the rules of retention. */
      by: z.string().nullable(),
    }),
  ),
  total: z.int(),
  next: z.string().nullable(),
})
export type DeletedJobPage = z.infer<typeof deletedJobPage>
