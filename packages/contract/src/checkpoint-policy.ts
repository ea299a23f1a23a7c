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
