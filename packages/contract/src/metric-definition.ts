/** What a script says of its metrics: which way is better, what they are drawn over, what the summary keeps. */
import { z } from 'zod'
import { reportKey } from './report-key.ts'

export const metricGoals = ['minimize', 'maximize'] as const
export const summaryKinds = ['min', 'max', 'mean', 'last', 'best', 'none'] as const

export const metricDefinition = z.object({
  /** A key, or a pattern in which «*» stands for any text. */
  key: reportKey,
  goal: z.enum(metricGoals).optional(),
  /** Key of the metric that is the x axis of this one. */
  stepMetric: reportKey.optional(),
  /** What the summary keeps, worked out by the reporter. */
  summary: z.array(z.enum(summaryKinds)).max(summaryKinds.length).optional(),
  hidden: z.boolean().optional(),
})
export type MetricDefinition = z.infer<typeof metricDefinition>
