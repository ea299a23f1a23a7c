/** Launches: what somebody wants to run and where, what becomes of that, and how far it is. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { jobKinds } from './job-state.ts'
import { tags } from './job.ts'
import { limits } from './limits.ts'

export const targetKinds = ['local', 'ssh', 'slurm'] as const
export type TargetKind = (typeof targetKinds)[number]

const name = cleanText(limits.nameLengthMax, 1)
/** What Slurm has names for: they end up in its options. */
const slurmName = z
  .string()
  .trim()
  .max(limits.nameLengthMax)
  .regex(/^[A-Za-z0-9_][\w.,:&|*()[\]=@/+-]*$/, 'a name as Slurm has it, beginning with a letter or digit')
const count = (most: number) => z.int().min(1).max(most)
/** Of a command line. */
export const launchWord = z
  .string()
  .max(limits.launchWordLengthMax)
  .regex(/^[^\0]*$/, 'text without NULs')
export const launchVariable = z
  .string()
  .regex(/^[A-Za-z_]\w{0,127}$/, 'letters, digits and «_», beginning with a letter')

/** What a job asks for. Where nothing is scheduled it tells no more than what the job means to use. */
export const launchResources = z.strictObject({
  partition: slurmName.optional(),
  account: slurmName.optional(),
  qos: slurmName.optional(),
  reservation: slurmName.optional(),
  constraint: slurmName.optional(),
  nodes: count(10_000).default(1),
  /** On each node. */
  gpus: z.strictObject({ type: slurmName.nullable().default(null), count: count(1_000) }).optional(),
  /** On each node; of each task where it starts several. */
  cpus: count(10_000).optional(),
  /** On each node. */
  tasks: count(10_000).optional(),
  /** On each node. */
  memoryMb: count(1_000_000_000).optional(),
  timeLimitMinutes: count(5_256_000).optional(),
})
export type LaunchResources = z.infer<typeof launchResources>

/** Which state of the project's code runs. */
export const launchCode = z.discriminatedUnion('kind', [
  /** Its folder, as it lies there and goes on changing; on the machine of the server only. */
  z.strictObject({ kind: z.literal('folder') }),
  z.strictObject({
    kind: z.literal('commit'),
    commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'the whole id of a commit'),
  }),
  /** As the folder is now, with what is not committed. */
  z.strictObject({ kind: z.literal('tree') }),
])
export type LaunchCode = z.infer<typeof launchCode>

/** What somebody wants to run, and where. */
export const launchSpec = z.strictObject({
  /** Of the job; what it runs, by default. */
  name: name.optional(),
  /** Id of the project whose code it runs; null: it takes no code along. */
  project: z.int().min(1).nullable().default(null),
  code: launchCode.default({ kind: 'tree' }),
  /** `local`, or a name of `clusters.yaml`. */
  target: z.string().min(1).max(64),
  kind: z.enum(jobKinds).default('training'),
  tags: tags.default([]),
  /** A word each; no shell reads them. */
  command: z.array(launchWord).min(1).max(limits.launchWordsMax),
  /** Several processes a node, found to each other by torchrun: then the command is what torchrun runs. */
  torchrun: z.boolean().default(false),
  /** Folder in the project in which it starts. */
  within: z
    .string()
    .max(limits.uriLengthMax)
    .regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\n]*$/, 'a path inside the project')
    .default(''),
  environment: z
    .record(launchVariable, launchWord)
    .refine((all) => Object.keys(all).length <= limits.launchVariablesMax, `at most ${limits.launchVariablesMax}`)
    .default({}),
  resources: launchResources.default({ nodes: 1 }),
  /** Further options of sbatch, a line each, with or without «#SBATCH». */
  directives: z
    .array(
      z
        .string()
        .max(limits.uriLengthMax)
        .regex(/^\P{Cc}*$/u, 'one line of text'),
    )
    .max(limits.launchDirectivesMax)
    .default([]),
  /** Slurm may start it again, after it had to make room or lost its node. */
  requeue: z.boolean().default(true),
  /** So long before its time is over it gets SIGUSR1, which ends a script that does not listen; null: it is not told. */
  warnSeconds: z.int().min(1).max(86_400).nullable().default(null),
})
export type LaunchSpec = z.infer<typeof launchSpec>
export type LaunchSpecInput = z.input<typeof launchSpec>

/** One thing that keeps a launch from being sent, or that is worth knowing before. */
export const launchProblem = z.object({
  level: z.enum(['error', 'warning']),
  /** Path of the field in the specification, as `resources.gpus`. */
  field: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
})
export type LaunchProblem = z.infer<typeof launchProblem>

export const launchPlanQuery = z.object({
  spec: launchSpec,
  /** Ask the scheduler as well whether and when it would start (`sbatch --test-only`). */
  dryRun: z.boolean().default(false),
})

export const launchPlan = z.object({
  problems: z.array(launchProblem),
  /** What runs over there; null while a problem keeps it from being written. */
  script: z.string().nullable(),
  /** Lines that somebody wrote as options of Slurm, as it is given them. */
  options: z.array(z.string()),
  code: z
    .object({
      /** null without git. */
      commit: z.string().nullable(),
      subject: z.string().nullable(),
      branch: z.string().nullable(),
      /** Files that are in it and not in the commit. */
      changed: z.int(),
      /** How it gets there and why so, in words; null where it stays on this machine. */
      way: z.string().nullable(),
    })
    .nullable(),
  totals: z.object({
    gpus: z.int(),
    cpus: z.int().nullable(),
    memoryMb: z.int().nullable(),
    /** By the time limit; null without one. */
    gpuHours: z.number().nullable(),
    /** The most that it costs, by the rate card; null where nobody knows. */
    cost: z.object({ amount: z.number(), currency: z.string() }).nullable(),
  }),
  /** What the scheduler says, where it was asked. */
  start: z
    .object({ at: z.number().nullable(), nodes: z.array(z.string()), partition: z.string().nullable() })
    .nullable(),
})
export type LaunchPlan = z.infer<typeof launchPlan>

/** How Slurm gets the jobs of a sweep: as one array, of which so many run at a time (null: as many as there is room for). */
export const launchArray = z.strictObject({
  atOnce: z.int().min(1).max(limits.launchVariantsMax).nullable().default(null),
})

export const launchCreate = z.object({
  spec: launchSpec,
  /** In place of the script that the plan shows; kept with its author. */
  script: z.string().min(1).max(limits.launchScriptLengthMax).optional(),
  /** Words that are added to the command, a job for each entry; all of them belong to one group. */
  variants: z.array(z.array(launchWord).max(limits.launchWordsMax)).min(1).max(limits.launchVariantsMax).optional(),
  /** Else each variant is submitted by itself. */
  array: launchArray.optional(),
  /** Made by the caller, so that the same request again launches nothing twice. */
  key: z.string().min(8).max(64).optional(),
})
export type LaunchCreate = z.input<typeof launchCreate>

export const launched = z.object({
  jobs: z.array(z.object({ uid: z.string(), page: z.string() })),
  /** Of the jobs of a sweep. */
  group: z.string().nullable(),
})
export type Launched = z.infer<typeof launched>

/** From here to a job that runs, in this order. */
export const launchSteps = ['check', 'code', 'sdk', 'folder', 'submit', 'start'] as const
export type LaunchStepName = (typeof launchSteps)[number]
export const launchStep = z.object({
  step: z.enum(launchSteps),
  state: z.enum(['waiting', 'active', 'done', 'skipped', 'failed']),
  /** What was found or done, how far it is, or what went wrong. */
  words: z.string().nullable(),
  hint: z.string().nullable(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
})
export type LaunchStep = z.infer<typeof launchStep>

export const launchStates = ['preparing', 'following', 'over', 'failed'] as const
export type LaunchState = (typeof launchStates)[number]
export const launchOrders = ['cancel', 'hold', 'release', 'requeue'] as const
export type LaunchOrder = (typeof launchOrders)[number]

/** How a job was launched, and how it stands there. */
export const launch = z.object({
  uid: z.string(),
  spec: launchSpec,
  script: z.string().nullable(),
  /** Who wrote the script, where it is not the one that the template makes. */
  scriptBy: z.object({ id: z.int(), name: z.string() }).nullable(),
  target: z.object({ name: z.string(), kind: z.enum(targetKinds) }),
  state: z.enum(launchStates),
  steps: z.array(launchStep),
  /** Over there. */
  folder: z.string().nullable(),
  /** Id that Slurm gave it. */
  slurmId: z.string().nullable(),
  nodes: z.array(z.string()),
  /** In words, while it waits. */
  reason: z.string().nullable(),
  position: z.int().nullable(),
  expectedStartAt: z.number().nullable(),
  /** Started again by Slurm so many times. */
  restarts: z.int(),
  /** The target has not answered since then; what is told was true before. */
  unknownSince: z.number().nullable(),
  trouble: z.object({ message: z.string(), hint: z.string() }).nullable(),
  lookedAt: z.number().nullable(),
  /** What can be told it now. */
  orders: z.array(z.enum(launchOrders)),
  /** Its folder over there is still there. */
  isKept: z.boolean(),
})
export type Launch = z.infer<typeof launch>

/** A place where jobs can run. */
export const target = z.object({
  name: z.string(),
  kind: z.enum(targetKinds),
  /** As behind `ssh`; null for the machine of the server. */
  host: z.string().nullable(),
})
export const targetList = z.object({ targets: z.array(target) })
export type LaunchTarget = z.infer<typeof target>

export const launchOf = z.object({ uid: z.string().min(1).max(limits.nameLengthMax) })
export const launchOrderOf = launchOf.extend({ order: z.enum(launchOrders) })

/** What a template of `clusters.yaml` may name; docs/launching.md says what each is. */
export const templateVariables = [
  'name',
  'uid',
  'attempt',
  'command',
  'code_folder',
  'in_place',
  'within',
  'run_folder',
  'sdk_folder',
  'environment',
  'modules',
  'conda',
  'uv',
  'container',
  'resources',
  'directives',
  'torchrun',
  'target',
  'quote',
] as const
