import { z } from 'zod'
import { jobStates, stageStates } from './job-state.ts'
import { jobCost } from './rates.ts'

/** How something was over a while. */
const spread = z.object({ mean: z.number(), peak: z.number() })
export type Spread = z.infer<typeof spread>

/** The same in bytes, beside what there is. */
const memorySpread = spread.extend({ total: z.number().nullable() })

/** A stage as the timeline shows it. Times are the server's clock, ms. */
const timedStage = z.object({
  name: z.string(),
  state: z.enum(stageStates),
  startedAt: z.number(),
  /** null while it is under way, and where nobody knows. */
  endedAt: z.number().nullable(),
})

export const timedAttempt = z.object({
  number: z.int(),
  state: z.enum(jobStates),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  /** Stages that have begun, in order. */
  stages: z.array(timedStage),
})
export type TimedAttempt = z.infer<typeof timedAttempt>

/** What one GPU did. null where nobody measured it. */
export const gpuFigures = z.object({
  source: z.string(),
  host: z.string(),
  index: z.int(),
  name: z.string().nullable(),
  /** %, as all shares of resources. */
  utilization: spread.nullable(),
  memory: memorySpread.nullable(),
  /** °C */
  temperature: spread.nullable(),
  /** W */
  power: spread.nullable(),
  energyWh: z.number().nullable(),
  /** Time with figures, and how much of it the GPU did next to nothing, ms. */
  sampledMs: z.number(),
  idleMs: z.number().nullable(),
})
export type GpuFigures = z.infer<typeof gpuFigures>

/** What one host did, with everything that ran on it. */
export const hostFigures = z.object({
  source: z.string(),
  host: z.string(),
  cpu: spread.nullable(),
  memory: memorySpread.nullable(),
  /** Memory of the job's own processes. */
  jobMemory: spread.nullable(),
  sampledMs: z.number(),
})
export type HostFigures = z.infer<typeof hostFigures>

export const hintKinds = ['gpuIdle', 'gpuBehind', 'inputBound', 'gpuMemory', 'hostMemory'] as const

/** Something that a job could make more of, in words. */
export const resourceHint = z.object({
  kind: z.enum(hintKinds),
  title: z.string(),
  /** The figures that say so, and when. */
  evidence: z.string(),
  /** What mostly helps. */
  advice: z.string(),
})
export type ResourceHint = z.infer<typeof resourceHint>

/** Where the time of a job and the hardware under it went. Worked out when it is asked for. */
export const jobPerformance = z.object({
  job: z.string(),
  /** Server's clock, ms: a job under way is measured up to then. */
  at: z.number(),
  createdAt: z.number(),
  /** Those that started, the newest `limits.timelineAttemptsMax`; oldest first. */
  attempts: z.array(timedAttempt),
  /** Attempts that are not among these. */
  attemptsLeftOut: z.int(),
  /** From its creation to its first start; null when it never started. */
  waitedMs: z.number().nullable(),
  /** Time of all attempts, those left out included, ms. */
  busyMs: z.number(),
  /** What its own points cover; null without points of two steps. */
  steps: z.object({ first: z.number(), last: z.number(), perSecond: z.number().nullable() }).nullable(),
  /** Rates that the script logs by itself: samples, tokens. */
  rates: z.array(z.object({ key: z.string(), mean: z.number(), last: z.number() })),
  /** GPUs that the job has, by what its hosts report. */
  gpuCount: z.int(),
  /** null without GPUs. */
  gpuHours: z.number().nullable(),
  /** null where no rate of the card matches. */
  cost: jobCost.nullable(),
  /** Over all GPUs and the time with figures. */
  gpuUtilization: spread.nullable(),
  /** The largest share of its memory that a GPU had in use, %. */
  gpuMemoryPeak: z.number().nullable(),
  /** Energy of all GPUs that tell their power, by its integral over time. */
  energyWh: z.number().nullable(),
  /** Mean over the GPUs of the time in which one did next to nothing, ms. */
  gpuIdleMs: z.number().nullable(),
  /** Time that the script says it waited for its input, by one of its metrics. */
  inputWait: z.object({ key: z.string(), ms: z.number(), share: z.number() }).nullable(),
  gpus: z.array(gpuFigures),
  hosts: z.array(hostFigures),
  /** The most costly first; none without figures that say so. */
  hints: z.array(resourceHint),
})
export type JobPerformance = z.infer<typeof jobPerformance>
