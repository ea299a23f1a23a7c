import { z } from 'zod'
import { alert } from './alert.ts'
import { artifact } from './artifact.ts'
import { jobSorts } from './job-sort.ts'
import { jobKinds, jobStates, stageStates } from './job-state.ts'
import { jsonObject } from './json-object.ts'
import { limits } from './limits.ts'
import { metricDefinition, metricGoals } from './metric-definition.ts'
import { cardCost } from './rates.ts'
import { queryList } from './query-list.ts'
import { sampleCount } from './sample.ts'
import { valueName } from './search.ts'
import { wandbRun } from './wandb.ts'

const name = z.string().min(1).max(limits.nameLengthMax)
const optionalName = name.nullable()

export const tags = z.array(z.string().min(1).max(limits.tagLengthMax)).max(limits.tagsMax)

/** Any JSON object: nested configuration as the script has it. */
export const configObject = jsonObject

/** What is needed to start the same thing again. */
export const recipe = z.object({
  command: z.array(z.string()).optional(),
  workingDirectory: z.string().optional(),
  /** Names and values, secrets left out by the reporter. */
  environment: z.record(z.string(), z.string()).optional(),
  python: z.string().optional(),
  packages: z.record(z.string(), z.string()).optional(),
  git: z
    .object({
      commit: z.string(),
      branch: z.string().nullable().optional(),
      remote: z.string().nullable().optional(),
      dirty: z.boolean().optional(),
    })
    .optional(),
})
export type Recipe = z.infer<typeof recipe>

/** What one host has; what it lacks is said, not left out. */
export const hardware = z.object({
  host: name,
  system: z.string().optional(),
  cpus: z.number().optional(),
  memoryBytes: z.number().optional(),
  gpus: z.array(z.object({ index: z.int(), name: z.string(), memoryBytes: z.number().optional() })).default([]),
  /** Why there are no GPU figures, in words, when there are none. */
  gpuAbsence: z.string().nullable().default(null),
})
export type Hardware = z.infer<typeof hardware>

/** Fields of a job that its reporter or its owner may set. Absent = unchanged; null = emptied. */
export const jobPatch = z
  .object({
    name: name,
    project: name,
    model: optionalName,
    modelType: optionalName,
    dataset: optionalName,
    target: optionalName,
    /** Jobs that belong together: the folds of one experiment, the ranks of one run. */
    group: optionalName,
    /** What part of its group it is, in the script's own words: `train`, `eval`. */
    jobType: optionalName,
    tags: tags,
    notes: z
      .string()
      .max(64 * 1024)
      .nullable(),
    config: configObject,
    recipe: recipe,
    hardware: hardware,
    totalSteps: z.number().positive().nullable(),
    totalEpochs: z.number().positive().nullable(),
    /** Names in order; replaces the default stages. */
    stages: z.array(name).max(limits.stagesMax),
    /** Final or best values chosen by the script. Replaces what was there. */
    summary: configObject,
    /** What the script says of its metrics; later ones of the same key replace earlier ones. */
    metrics: z.array(metricDefinition).max(limits.metricDefinitionsMax),
  })
  .partial()
export type JobPatch = z.infer<typeof jobPatch>

/** Body of `PUT /api/jobs/{uid}`: makes the job, or finds it, and opens or adopts an attempt. Sending it again changes nothing. */
export const jobCreate = jobPatch.extend({
  kind: z.enum(jobKinds).default('training'),
  /** Client's clock, ms. */
  createdAt: z.number().optional(),
  /** When it began, for a new job that was under way before anybody told; client's clock, ms. */
  startedAt: z.number().optional(),
  attempt: z
    .object({
      /** Adopt this attempt (it was exported by a launcher). Absent: the one with this claim, else a new one. */
      number: z.int().min(1).optional(),
      /** Unique per source, as `process:<host>/<boot id>/<pid>/<start>` or `slurm:<cluster>/<id>/<restart>`. */
      claim: z.string().max(512).optional(),
      /** The claim is never used for another execution, so it leads to its attempt even when that has ended. */
      lasting: z.boolean().optional(),
      /** Claim of the execution that this one goes on from (a requeue, a restart): its job gets a new attempt. */
      after: z.string().max(512).optional(),
      host: z.string().max(limits.nameLengthMax).optional(),
      pid: z.int().optional(),
      /** Number of the process among those of a distributed job. One above 0 speaks for what the first has begun. */
      rank: z.int().min(0).optional(),
    })
    .default({}),
  state: z.enum(['queued', 'submitting', 'pending', 'running']).default('running'),
  /** `must`: 404 unless there is such a job; `never`: 409 when there is one; `allow`: either. Asked once for each claim. */
  resume: z.enum(['allow', 'must', 'never']).default('allow'),
})
export type JobCreate = z.input<typeof jobCreate>

export const progress = z.object({
  /** 0 … 1, null when no total is known. */
  fraction: z.number().nullable(),
  step: z.number().nullable(),
  totalSteps: z.number().nullable(),
  epoch: z.number().nullable(),
  totalEpochs: z.number().nullable(),
  /** Steps a second now, pauses and warm-up left out; null until two reports are in. */
  stepsPerSecond: z.number().nullable(),
  /** Milliseconds still to go as of `at`; null when it cannot be told. */
  etaMs: z.number().nullable(),
  /** Server's clock when this was computed, ms. */
  at: z.number(),
})
export type Progress = z.infer<typeof progress>

/** The one curve on a job's card. */
export const headline = z.object({
  key: z.string(),
  last: z.number().nullable(),
  /** Lowest value so far for a loss or error, else highest. */
  best: z.number().nullable(),
  bestStep: z.number().nullable(),
  /** What counts as best: as the script defined it, else as the key's name tells. */
  goal: z.enum(metricGoals),
  /** At most 64 values over the whole run, evenly spread; null is a gap. */
  spark: z.array(z.number().nullable()),
})
export type Headline = z.infer<typeof headline>

export const stage = z.object({
  name: z.string(),
  position: z.int(),
  state: z.enum(stageStates),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  done: z.number().nullable(),
  total: z.number().nullable(),
})
export type Stage = z.infer<typeof stage>

export const attempt = z.object({
  number: z.int(),
  state: z.enum(jobStates),
  host: z.string().nullable(),
  pid: z.int().nullable(),
  claim: z.string().nullable(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** Why it ended, in words, where a scheduler says so: it was pre-empted, or put back into the queue. */
  reason: z.string().nullable(),
  logLines: z.int(),
})
export type Attempt = z.infer<typeof attempt>

export const branch = z.object({
  number: z.int(),
  /** null for the first. */
  parent: z.int().nullable(),
  forkStep: z.number().nullable(),
  /** Of the checkpoint that it goes on from; null where that has none. */
  forkEpoch: z.number().nullable(),
  createdAt: z.number(),
})
export type Branch = z.infer<typeof branch>

/** What a card, a list row and a topic `jobs` carry. All times are the server's clock in ms. */
export const jobCard = z.object({
  uid: z.string(),
  kind: z.enum(jobKinds),
  name: z.string(),
  project: z.string(),
  owner: z.object({ id: z.int(), name: z.string() }),
  state: z.enum(jobStates),
  /** In words, when there is something to say: why pending, why lost. */
  stateReason: z.string().nullable(),
  model: z.string().nullable(),
  modelType: z.string().nullable(),
  dataset: z.string().nullable(),
  target: z.string().nullable(),
  group: z.string().nullable(),
  jobType: z.string().nullable(),
  tags: z.array(z.string()),
  commit: z.string().nullable(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** When the last report of any kind arrived. */
  heardAt: z.number().nullable(),
  /** Up to now; null where no rate of the card matches. */
  cost: cardCost.nullable(),
  attempt: z.int(),
  branch: z.int(),
  /** Name of the active stage. */
  stage: z.string().nullable(),
  progress: progress.nullable(),
  headline: headline.nullable(),
  /** First line of the error, when it failed. */
  errorMessage: z.string().nullable(),
  /** Why it failed, in a sentence, where a rule of diagnosis knows. */
  diagnosis: z.string().nullable(),
  /** Since when lists leave it out unless they are asked for it. */
  archivedAt: z.number().nullable(),
  /** Grows with every change; a client drops what is older than what it has. */
  version: z.int(),
})
export type JobCard = z.infer<typeof jobCard>

/** The whole job: what its page and the topic `job:{uid}` carry. */
export const job = jobCard.extend({
  notes: z.string().nullable(),
  config: configObject,
  recipe: recipe.nullable(),
  hardware: z.array(hardware),
  summary: configObject,
  /** What the script said of its metrics. A `stepMetric` is the x axis that charts begin with. */
  metrics: z.array(metricDefinition),
  /** Newest first, of each name the newest version; at most `limits.jobArtifactsShown`. */
  artifacts: z.array(artifact),
  /** Newest first, at most `limits.jobAlertsShown`; all of them by `GET /api/alerts?job=`. */
  alerts: z.array(alert),
  /** Runs at Weights & Biases that its log names, at most `limits.jobWandbRunsMax`. */
  wandb: z.array(wandbRun),
  samples: sampleCount,
  stages: z.array(stage),
  attempts: z.array(attempt),
  branches: z.array(branch),
  error: z
    .object({
      type: z.string(),
      message: z.string(),
      traceback: z.string().nullable(),
      stage: z.string().nullable(),
      /** Number of the process that failed first, in a distributed job. */
      rank: z.int().nullish(),
    })
    .nullable(),
  /** Best known measure of the reporter's clock against ours, ms; «wall» in charts is corrected by it. */
  clockOffsetMs: z.number().nullable(),
  /** When a rule of retention took its metrics and logs; null while it has them. */
  dataRemovedAt: z.number().nullable(),
})
export type Job = z.infer<typeof job>

const texts = queryList(z.string())

/** Filters of the job lists. Repeat a parameter for «one of these». */
export const jobQuery = z.object({
  state: queryList(z.enum(jobStates)),
  kind: z.enum(jobKinds).optional(),
  project: texts,
  target: texts,
  tag: texts,
  group: texts,
  jobType: texts,
  owner: texts,
  /** Conditions and words, as docs/search.md has them: `status:failed loss<2 config.lr>=1e-4 tag:llama some words`. */
  search: z.string().max(limits.searchLengthMax).optional(),
  /** Archived jobs are left out unless they are asked for, here or by `is:archived` in a search. */
  archived: z.enum(['yes', 'any']).optional(),
  /** Created at or after / before, ms. */
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  /** A column, or a value: `metric:loss` (its last one), `min:loss`, `max:accuracy`, `config:lr`, `summary:score`. */
  sort: z.union([z.enum(jobSorts), valueName]).default('created'),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit: z.coerce.number().int().min(1).max(limits.jobPageMax).default(50),
  /** From `next` of the page before. */
  cursor: z.string().max(1024).optional(),
})
export type JobQuery = z.input<typeof jobQuery>

/** `POST /api/jobs/edit`: the same change to all of these jobs. */
export const jobsEdit = z.object({
  uids: z.array(z.string().max(limits.nameLengthMax)).min(1).max(limits.bulkJobsMax),
  addTags: tags.optional(),
  removeTags: tags.optional(),
  /** Lists leave archived jobs out unless they are asked for them. */
  archived: z.boolean().optional(),
})
export type JobsEdit = z.input<typeof jobsEdit>

export const jobsEdited = z.object({
  /** Jobs that are other than before: to undo it, the opposite change is for these. */
  uids: z.array(z.string()),
  /** Jobs that are not there, or not one's own. */
  missing: z.int(),
  /** Jobs that would have had too many tags, and stay as they were. */
  full: z.int(),
})
export type JobsEdited = z.infer<typeof jobsEdited>

export const jobPage = z.object({
  jobs: z.array(jobCard),
  /** Jobs that match the filters, over all pages. */
  total: z.int(),
  next: z.string().nullable(),
})
export type JobPage = z.infer<typeof jobPage>

export const jobStatistics = z.object({
  /** Jobs by state. */
  counts: z.record(z.enum(jobStates), z.int()),
  total: z.int(),
  /** completed / (completed + failed + lost); null without any. */
  successRate: z.number().nullable(),
  failedToday: z.int(),
  /** GPUs × hours of all attempts in the last 7 days. */
  gpuHoursWeek: z.number(),
  /** Hours of all attempts in the last 7 days. */
  hoursWeek: z.number(),
  /** What these hours cost, and hours of jobs that no rate matches; null where nobody set rates. */
  costWeek: z.object({ amount: z.number(), currency: z.string(), unpricedHours: z.number() }).nullable(),
  meanDurationMs: z.number().nullable(),
  /** What filters can be set to. */
  projects: z.array(z.string()),
  targets: z.array(z.string()),
  tags: z.array(z.string()),
  groups: z.array(z.string()),
  jobTypes: z.array(z.string()),
  owners: z.array(z.string()),
})
export type JobStatistics = z.infer<typeof jobStatistics>

export const jobCreated = z.object({
  uid: z.string(),
  attempt: z.int(),
  branch: z.int(),
  /** Path of the job's page. */
  page: z.string(),
  serverTime: z.number(),
  /** What earlier attempts left; null for the first one. */
  resumed: z
    .object({
      /** Step of the last report; null when it had none. */
      lastStep: z.number().nullable(),
      name: z.string(),
      config: configObject,
      summary: configObject,
    })
    .nullable(),
})
export type JobCreated = z.infer<typeof jobCreated>
