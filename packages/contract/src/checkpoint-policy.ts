/** Which checkpoints of a job stay by themselves. What a rule keeps stays; what no rule keeps may be deleted. */
import { z } from 'zod'
import { checkpointKinds } from './checkpoint-kind.ts'
import { metricGoals } from './metric-definition.ts'
import { reportKey } from './report-key.ts'

const count = z.int().min(1).max(1_000_000)

export const checkpointPolicy = z.object({
  /** So many of the youngest. */
  last: count.optional(),
  /** So many with the best value of a metric. */
  best: z.object({ metric: reportKey, goal: z.enum(metricGoals), count }).optional(),
  /** The first one in each stretch of so many steps, of each branch. */
  everySteps: z.number().positive().optional(),
  /** Only checkpoints of these kinds are ever deleted; absent: of all kinds. */
  kinds: z.array(z.enum(checkpointKinds)).max(checkpointKinds.length).optional(),
})
export type CheckpointPolicy = z.infer<typeof checkpointPolicy>

/** What a policy does with each checkpoint that there is. */
export const policyAnswer = z.object({
  /** null: none, so all stay. */
  policy: checkpointPolicy.nullable(),
  decisions: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      step: z.number(),
      bytes: z.number(),
      keep: z.boolean(),
      words: z.array(z.string()),
    }),
  ),
})
export type PolicyAnswer = z.infer<typeof policyAnswer>

/** `dryRun` answers what the policy would do, and keeps the one that is. */
export const policySetQuery = z.object({ dryRun: z.stringbool().default(false) })
export const policySet = z.object({
  policy: checkpointPolicy.nullable(),
  /** The rules that were seen before; 409 where others stand by now. Absent: whichever stand. */
  seen: checkpointPolicy.nullable().optional(),
})

export const checkpointAdvice = z.object({
  /** The most urgent first. */
  recommendations: z.array(
    z.object({
      kind: z.string(),
      action: z.enum(['create', 'pin']),
      words: z.string(),
      /** The one to pin; null where one is to be made. */
      checkpoint: z.int().nullable(),
    }),
  ),
})
export type CheckpointAdvice = z.infer<typeof checkpointAdvice>

/** Another checkpoint to compare with; absent: what one holds. */
export const tensorQuery = z.object({ with: z.coerce.number().int().min(1).optional() })
