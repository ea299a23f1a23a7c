/**
 * Why a job failed: the evidence is collected here, in bounded amounts, and judged by `signals`. Kept nowhere, because it
 * is quickly made, and rules that are added later then speak of older jobs, too.
 */
import { type Diagnosis, type Finding, type LogLine, logSearchQuery } from '@pilothouse/contract'
import { type DiagnosisInput, diagnose } from '@pilothouse/signals'
import { findJob } from '../jobs/find-job.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { findAttempt } from '../logs/find-attempt.ts'
import { readLines } from '../logs/read-segments.ts'
import { searchLog } from '../logs/search-log.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { type AttemptRow, toAttemptFacts } from '../telemetry/telemetry-rows.ts'
import { findErrorLine } from './find-error-line.ts'
import { readNonFinite } from './read-non-finite.ts'

/** Lines at the end of the log that are looked at: about 5 ms of work, 15 where all of them are long, at most 70. */
const tailLinesMax = 1_000
/** Warnings and errors before these that are looked at, the last ones. */
const earlierLinesMax = 200
/** Lines shown before, and behind, the one that tells most. */
const contextLines = 5
/** Text of the lines around it; at the limit there are fewer. */
const contextBytesMax = 256 * 1024

/** Findings, ranked, with the place in the log that tells most. Empty for a job that did not fail. */
export const diagnoseJob: Operation<{ uid: string }, Diagnosis> = async (context, { uid }) => {
  const job = await findJob(context.db, uid)
  const nothing = { job: uid, attempt: job.attempt, findings: [], place: null }
  if (job.state !== 'failed' && job.state !== 'lost' && job.state !== 'cancelled') return nothing
  const attempt = await findAttempt(context.db, uid)
  const lines = await readTellingLines(context, job, attempt)
  const { error, exitCode, signal } = toAttemptFacts(attempt)
  const metrics = await readNonFinite(context, job)
  const input = { state: job.state, error, exitCode, signal, lines, linesTotal: attempt.log_lines, metrics }
  const findings = diagnose(input)
  const n = choosePlace(findings, { state: job.state, lines, error })
  return { ...nothing, findings, place: n === null ? null : await readPlace(context, attempt, n) }
}

/** The end of the log, and in front of it the warnings and errors before that. */
async function readTellingLines(context: StorageContext, job: JobRow, attempt: AttemptRow): Promise<LogLine[]> {
  const total = attempt.log_lines
  const from = Math.max(0, total - tailLinesMax)
  const tail = await readLines(context.db, attempt, { from, to: total, bytesMax: Infinity })
  if (from === 0) return tail
  const query = logSearchQuery.parse({
    attempt: attempt.number,
    level: ['warning', 'error'],
    from,
    direction: 'backward',
    limit: earlierLinesMax,
  })
  const { lines } = await searchLog(context, { uid: job.uid, query })
  return [...lines.toReversed(), ...tail]
}

type Told = Pick<DiagnosisInput, 'error' | 'state'> & { lines: readonly LogLine[] }

/** The line of the first finding that is more than possible, else the one that has the error, else of any finding. */
function choosePlace(findings: readonly Finding[], { state, lines, error }: Told): number | null {
  const solid = findings.filter(({ certainty }) => certainty !== 'possible')
  const errorLine = state === 'failed' ? findErrorLine(lines, error) : null
  return firstLineOf(solid) ?? errorLine ?? firstLineOf(findings)
}

function firstLineOf(findings: readonly Finding[]): number | null {
  return findings.flatMap(({ evidence }) => evidence).find((one) => one.kind === 'line')?.n ?? null
}

async function readPlace({ db }: StorageContext, attempt: AttemptRow, n: number): Promise<Diagnosis['place']> {
  const range = { from: Math.max(0, n - contextLines), to: n + contextLines + 1, bytesMax: contextBytesMax }
  return { n, lines: await readLines(db, attempt, range) }
}
