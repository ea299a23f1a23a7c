/**
 * A report: one numbered unit of telemetry of one attempt of a job. It is stored whole or not at all, together with its
 * number, so that sending it again changes nothing.
 *
 * JSON form: this schema. Binary form: a frame (frame.ts) whose header is the same object, except that a block of points
 * has `rows` (and `epochs: true`) instead of its arrays, and whose columns are, block after block:
 * steps[rows], times[rows], epochs[rows] if `epochs`, then for each key its values[rows].
 */
import { z } from 'zod'
import { alertEvent } from './alert.ts'
import { artifactEvent } from './artifact.ts'
import { checkpointEvent, checkpointFate } from './checkpoint.ts'
import { controls, forkEvent, outcomeEvent, scheduleEvent } from './command.ts'
import { stageStates } from './job-state.ts'
import { jobPatch } from './job.ts'
import { limits } from './limits.ts'
import { logStreams } from './log-level.ts'
import { changeEvent } from './parameter.ts'
import { reportKey } from './report-key.ts'
import { sampleEvent } from './sample.ts'

/** A number that may be non-finite; JSON has no word for those, so they travel as strings. */
export const wireNumber = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  .transform((value) => (typeof value === 'number' ? value : Number(value)))

/** Rows × keys, dense: every key has a value in every row. Rows with other keys go into another block. */
export const pointBlock = z.object({
  /** `job`, `host:<name>`, `gpu:<host>/<index>` or `rank:<n>`. */
  source: z.string().min(1).max(limits.nameLengthMax).default('job'),
  keys: z.array(reportKey).min(1).max(10_000),
  /** One step a row; any finite number, repeats and steps backwards are kept in order of arrival. */
  steps: z.array(z.number()),
  /** Client's clock, ms since 1970, one a row. */
  times: z.array(z.number()),
  /** Epoch (may be fractional), one a row, when the script knows it. */
  epochs: z.array(wireNumber).optional(),
  /** One array of `steps.length` values for each key. */
  values: z.array(z.array(wireNumber)),
})
export type PointBlock = {
  source: string
  keys: string[]
  steps: ArrayLike<number>
  times: ArrayLike<number>
  epochs?: ArrayLike<number> | undefined
  values: ArrayLike<number>[]
}

/** The header of a block in the binary form. */
export const pointBlockHeader = z.object({
  source: pointBlock.shape.source,
  keys: pointBlock.shape.keys,
  rows: z.int().min(0).max(limits.reportPointsMax),
  epochs: z.boolean().default(false),
})
export type PointBlockHeader = z.infer<typeof pointBlockHeader>

export const logBlock = z.object({
  stream: z.enum(logStreams),
  /** Client's clock, ms, one a line. */
  times: z.array(z.number()),
  /** Whole lines without their line end. Progress bars arrive collapsed: what stood behind the last carriage return. */
  lines: z.array(z.string()),
  /** The line not yet ended (a progress bar under way). Shown, replaced by the next report, never stored. */
  open: z.string().max(limits.logLineBytesMax).optional(),
})
export type LogBlock = z.infer<typeof logBlock>

export const stageEvent = z.object({
  name: z.string().min(1).max(limits.nameLengthMax),
  state: z.enum(stageStates).optional(),
  /** Client's clock, ms. */
  at: z.number(),
  done: z.number().min(0).optional(),
  total: z.number().min(0).nullable().optional(),
})
export type StageEvent = z.infer<typeof stageEvent>

export const jobError = z.object({
  /** Class of the exception, or `exit` / `signal` when only the end of the process is known. */
  type: z.string().max(limits.nameLengthMax),
  message: z.string().max(64 * 1024),
  traceback: z
    .string()
    .max(512 * 1024)
    .optional(),
})
export type JobError = z.infer<typeof jobError>

/** What a reporter may say about the state: it began, it goes on, it ended. Everything else is said by schedulers and people. */
export const stateEvent = z.object({
  state: z.enum(['running', 'paused', 'completed', 'failed', 'cancelled']),
  /** Client's clock, ms. */
  at: z.number(),
  exitCode: z.int().optional(),
  signal: z.string().max(32).optional(),
  error: jobError.optional(),
  /** Number of the process that says so, among those of a distributed job. Of several failures the first one counts. */
  rank: z.int().min(0).optional(),
})
export type StateEvent = z.infer<typeof stateEvent>

const events = limits.steeringEventsMax

/** What a job tells of its steering. A `fork` stands before all else of its report, points included. */
export const steeringEvent = z.object({
  fork: forkEvent.optional(),
  controls: controls.optional(),
  outcomes: z.array(outcomeEvent).max(events).default([]),
  changes: z.array(changeEvent).max(events).default([]),
  checkpoints: z.array(checkpointEvent).max(events).default([]),
  fates: z.array(checkpointFate).max(events).default([]),
  schedules: z.array(scheduleEvent).max(events).default([]),
})
export type SteeringEvent = z.infer<typeof steeringEvent>

/**
 * Who speaks. One authority per field: `exit` (a wrapper or exit record that saw the process end) decides the state over
 * `sdk`; points of a `parser` are dropped once an `sdk` has sent points for the attempt.
 */
export const reportRoles = ['sdk', 'parser', 'exit', 'sampler'] as const
export type ReportRole = (typeof reportRoles)[number]

/** Everything of a report but its points. */
export const reportEnvelope = z.object({
  attempt: z.int().min(1),
  /** Made up by the reporter at its start, unique for the attempt. */
  writer: z.string().min(1).max(64),
  /** 1, 2, 3 … for each writer. */
  number: z.int().min(1),
  role: z.enum(reportRoles),
  /** Client's clock at sending, ms; the server measures the offset with it. */
  sentAt: z.number(),
  /** Client's clock when the report was made, ms, if it waited somewhere until `sentAt`. */
  madeAt: z.number().optional(),
  logs: z.array(logBlock).default([]),
  stages: z.array(stageEvent).default([]),
  /** Changes to the job's own fields. */
  job: jobPatch.optional(),
  state: stateEvent.optional(),
  samples: z.array(sampleEvent).max(limits.samplesInReportMax).optional(),
  artifacts: z.array(artifactEvent).max(limits.artifactsInReportMax).optional(),
  alerts: z.array(alertEvent).max(limits.alertsInReportMax).optional(),
  steering: steeringEvent.optional(),
})

export const report = reportEnvelope.extend({ points: z.array(pointBlock).default([]) })
/** A report as everyone handles it, whichever form it came in. */
export type Report = z.infer<typeof reportEnvelope> & { points: PointBlock[] }

/** Answer to a report: it is durable. */
export const reportAck = z.object({
  number: z.int(),
  /** True when the report had been stored before; nothing changed. */
  repeated: z.boolean(),
  /** Server's clock, ms. */
  serverTime: z.number(),
  /** State of the job after the report: a script that is told `cancelled` should end. */
  state: z.string(),
  /** Parts that were not stored, in words, because the job is at a bound; everything else of the report is durable. */
  leftOut: z.array(z.string()).optional(),
})
export type ReportAck = z.infer<typeof reportAck>

/** Answers to several reports, in their order: stored, or refused for good and why. */
export const reportAnswers = z.object({
  answers: z.array(
    z.union([
      reportAck,
      z.object({
        error: z.object({
          code: z.string(),
          message: z.string(),
          field: z.string().optional(),
          expected: z.string().optional(),
          hint: z.string(),
        }),
      }),
    ]),
  ),
})
export type ReportAnswers = z.infer<typeof reportAnswers>
