import { z } from 'zod'
import { logLine } from './log.ts'

/** What a finding rests on. */
export const evidence = z.discriminatedUnion('kind', [
  /** A line of the log, by its number in the attempt, without what launchers put in front of it. */
  z.object({ kind: z.literal('line'), n: z.int(), text: z.string() }),
  /** The error that the job reported. */
  z.object({ kind: z.literal('error'), text: z.string() }),
  /** The first value of a metric that is no number. */
  z.object({
    kind: z.literal('metric'),
    key: z.string(),
    step: z.number().nullable(),
    value: z.enum(['NaN', 'Infinity', '-Infinity']),
  }),
  /** How the process ended. */
  z.object({ kind: z.literal('outcome'), text: z.string() }),
])
export type Evidence = z.infer<typeof evidence>

/** One thing that a job may have failed of. */
export const finding = z.object({
  /** Id of the rule that found it. */
  rule: z.string(),
  role: z.enum(['cause', 'consequence']),
  certainty: z.enum(['certain', 'likely', 'possible']),
  title: z.string(),
  meaning: z.string(),
  /** What to try, the likeliest first. */
  tries: z.array(z.string()),
  evidence: z.array(evidence),
})
export type Finding = z.infer<typeof finding>

/** Why a job failed, as far as its error, its end, its log and its metrics tell. */
export const diagnosis = z.object({
  job: z.string(),
  attempt: z.int(),
  /** The likeliest first; empty when nothing known matches, and for a job that did not fail. */
  findings: z.array(finding),
  /** The line that tells most, with those around it; null when the log has none that does. */
  place: z.object({ n: z.int(), lines: z.array(logLine) }).nullable(),
})
export type Diagnosis = z.infer<typeof diagnosis>
