/** Many jobs side by side: what a comparison needs of each, in one answer. */
import { z } from 'zod'
import { hardware, jobCard, jobQuery, recipe, stage } from './job.ts'
import { limits } from './limits.ts'
import { metricGoals } from './metric-definition.ts'

/** A value of a flattened configuration: lists and empty objects are their JSON text. */
export const configValue = z.union([z.string(), z.number(), z.boolean(), z.null()])
export type ConfigValue = z.infer<typeof configValue>

/** Nested configuration under dotted names, in the order of the script. */
export const flatConfig = z.record(z.string(), configValue)
export type FlatConfig = z.infer<typeof flatConfig>

/** `GET /api/compare`. Repeat `job` for each; one that is named twice counts once. */
export const compareQuery = z.object({
  /** Any text: what is no uid of a job is told in `missing`, so that one wrong word does not take the others along. */
  job: z.preprocess(
    (value) => (Array.isArray(value) || value === undefined ? value : [value]),
    z.array(z.string().max(limits.nameLengthMax)).refine(isManyEnough, {
      error: `${limits.compareJobsMin} to ${limits.compareJobsMax} jobs, each by a ?job= of its own`,
    }),
  ),
})
export type CompareQuery = z.input<typeof compareQuery>

/** One metric of the job itself, on its current branch. Extremes are of finite values, null without any. */
export const comparedMetric = z.object({
  key: z.string(),
  /** What is better, as the script defined it, else as the name tells; null when nobody knows. */
  goal: z.enum(metricGoals).nullable(),
  /** Points so far. */
  total: z.int(),
  /** The newest value; null when it is not finite. */
  last: z.number().nullable(),
  lastStep: z.number(),
  min: z.number().nullable(),
  minStep: z.number(),
  max: z.number().nullable(),
  maxStep: z.number(),
})
export type ComparedMetric = z.infer<typeof comparedMetric>

/** A resource over all hosts or GPUs of the job and its whole time, as `gpu.utilization` in %. */
export const comparedResource = z.object({
  key: z.string(),
  /** Hosts or GPUs that reported it. */
  sources: z.int(),
  /** Of all points of all sources; null when none is finite. */
  mean: z.number().nullable(),
  /** The highest of any source. */
  peak: z.number().nullable(),
})
export type ComparedResource = z.infer<typeof comparedResource>

export const comparedJob = jobCard
  .pick({
    uid: true,
    name: true,
    project: true,
    kind: true,
    owner: true,
    state: true,
    model: true,
    modelType: true,
    dataset: true,
    target: true,
    group: true,
    jobType: true,
    tags: true,
    createdAt: true,
    startedAt: true,
    endedAt: true,
    cost: true,
    errorMessage: true,
    version: true,
  })
  .extend({
    config: flatConfig,
    /** Values that the script itself chose. */
    summary: flatConfig,
    recipe: recipe.nullable(),
    hardware: z.array(hardware),
    stages: z.array(stage),
    metrics: z.array(comparedMetric),
    resources: z.array(comparedResource),
    /** Time under way over all attempts, ms; null before the first began. */
    activeMs: z.number().nullable(),
    /** GPUs that it has, over all hosts. */
    gpus: z.int(),
    /** Names of configuration, summary, packages and environment, and metrics, that are beyond a bound and left out. */
    leftOut: z.int(),
  })
export type ComparedJob = z.infer<typeof comparedJob>

export const compareAnswer = z.object({
  /** In the order asked for. */
  jobs: z.array(comparedJob),
  /** Uids under which the caller can see no job. */
  missing: z.array(z.string()),
  /** Server's clock, ms. */
  at: z.number(),
})
export type CompareAnswer = z.infer<typeof compareAnswer>

/** `GET /api/compare/influence`. Jobs are found as by `GET /api/jobs`. */
export const influenceQuery = jobQuery.omit({ sort: true, order: true, limit: true, cursor: true }).extend({
  /** Absent = the one that is most looked for. */
  metric: z.string().min(1).max(limits.keyBytesMax).optional(),
  /** The best value where somebody says what is best, else the newest. */
  value: z.enum(['best', 'last']).default('best'),
})
export type InfluenceQuery = z.input<typeof influenceQuery>

/** How strongly two things go together, and how often chance alone gives as much. */
const strength = z.object({ value: z.number(), p: z.number() })

/** What one setting has to do with a metric. */
export const influence = z.object({
  name: z.string(),
  /** Jobs that have both. */
  n: z.int(),
  isNumeric: z.boolean(),
  /** r and ρ of numbers, η² of words and of numbers that repeat. */
  pearson: strength.nullable(),
  spearman: strength.nullable(),
  ratio: strength.extend({ groups: z.int() }).nullable(),
  /** Share of the metric's variance that goes with it, by the best of the three, less what chance explains. */
  importance: z.number().nullable(),
  p: z.number().nullable(),
  /** Why nothing can be said. */
  absence: z.enum(['tooFew', 'constantParameter', 'constantMetric', 'allDifferent']).nullable(),
})

export const influenceAnswer = z.object({
  /** Jobs that match, and those of them that were looked at: the newest. */
  total: z.int(),
  jobs: z.int(),
  /** Null where none of them has logged one. */
  metric: z.string().nullable(),
  goal: z.enum(metricGoals).nullable(),
  /** Jobs with a finite value of it. */
  withMetric: z.int(),
  /** All metrics of these jobs, the most looked-for first. */
  metrics: z.array(z.string()),
  /** The most important first. */
  settings: z.array(influence),
  /** Settings that are the same wherever they are set. */
  same: z.int(),
  /** Settings and metrics beyond a bound. */
  leftOut: z.int(),
  at: z.number(),
})
export type InfluenceAnswer = z.infer<typeof influenceAnswer>

function isManyEnough(uids: readonly string[]): boolean {
  const { size } = new Set(uids)
  return size >= limits.compareJobsMin && size <= limits.compareJobsMax
}
