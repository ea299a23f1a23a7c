/** `POST /api/import`: jobs from files that other control rooms wrote; docs/import.md has the shape. */
import { z } from 'zod'
import { limits } from './limits.ts'
import { jobStates } from './job-state.ts'

export const importQuery = z.object({
  /** Name of the file, as it stands in messages and on the jobs. */
  file: z.string().min(1).max(limits.nameLengthMax).default('the file'),
  /** Tells what would happen and changes nothing. */
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((word) => word === 'true'),
})

export const importOutcomes = ['imported', 'updated', 'unchanged', 'refused'] as const
export type ImportOutcome = (typeof importOutcomes)[number]

/** What is wrong with one place of the file. The rest of that job is taken, unless its outcome is `refused`. */
export const importProblem = z.object({
  /** As `jobs[3]`. */
  place: z.string(),
  /** Absent when it is about the job as a whole. */
  field: z.string().optional(),
  message: z.string(),
  expected: z.string(),
})
export type ImportProblem = z.infer<typeof importProblem>

export const importedJob = z.object({
  place: z.string(),
  uid: z.string().nullable(),
  name: z.string().nullable(),
  state: z.enum(jobStates).nullable(),
  outcome: z.enum(importOutcomes),
  /** What the file does not tell of it, in words: no curves, no times. */
  lacks: z.array(z.string()),
})
export type ImportedJob = z.infer<typeof importedJob>

export const importAnswer = z.object({
  file: z.string(),
  dryRun: z.boolean(),
  counts: z.record(z.enum(importOutcomes), z.int()),
  jobs: z.array(importedJob),
  problems: z.array(importProblem),
})
export type ImportAnswer = z.infer<typeof importAnswer>
