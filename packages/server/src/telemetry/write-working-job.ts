/** Writes what a commit changed of a job: one statement for each row that changed, all of them prepared once. */
import { isEnded } from '@pilothouse/contract'
import { updateJob } from '../jobs/write-job.ts'
import { appendLines } from '../logs/append-lines.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { AttemptState } from './apply-report.ts'
import type { AttemptError } from './first-failure.ts'
import type { WorkingAttempt, WorkingJob } from './job-cache.ts'
import { activeStage } from './stages.ts'
import { writeStages } from './telemetry-rows.ts'

const beatJob =
  'update job set heard_ms = coalesce(?, heard_ms), word_ms = ?, clock_offset_ms = coalesce(?, clock_offset_ms), progress = ?, headline = ?, version = version + 1 where id = ?'
const moveJob =
  'update job set state = ?, state_reason = ?, started_ms = ?, ended_ms = ?, error_message = ?, stage = ?, diagnosis = null where id = ?'
const setError = 'update job_detail set error = ? where job_id = ?'
const beatAttempt = `update attempt set clock_offset_ms = ?, sdk_spoke = ?, log_open = ?, log_lines = ?, log_bytes = ?,
  log_debug = ?, log_info = ?, log_warning = ?, log_error = ? where job_id = ? and number = ?`
const moveAttempt = `update attempt set state = ?, state_role = ?, started_ms = ?, ended_ms = ?, exit_code = ?, signal = ?,
  error = ? where job_id = ? and number = ?`
const setWriter = `insert into writer (job_id, attempt, writer, upto, beyond) values (?, ?, ?, ?, ?)
  on conflict (job_id, attempt, writer) do update set upto = excluded.upto, beyond = excluded.beyond`

/** A change of the clock below this is not worth a write, ms. */
const offsetWorthMs = 1

/** Writes a job that reports changed, and tells the changes. */
export async function writeWorkingJob(context: StorageContext, job: WorkingJob): Promise<void> {
  const { sql, db, now, changes } = context
  const { row, patch } = job
  const current = job.attempts.get(row.attempt)
  const wasEnded = isEnded(row.state)
  for (const attempt of job.attempts.values()) {
    if (attempt.changed) await writeAttempt(context, attempt)
  }
  if (patch) await updateJob(db, row.id, patch)
  const moved = current !== undefined && (await writeMove(context, job, current.state))
  const heardMs = job.wasHeard ? now() : null
  await sql.run(beatJob, [
    heardMs,
    row.word_ms,
    current?.state.attempt.clockOffsetMs ?? null,
    ...curveTexts(job),
    row.id,
  ])
  if (moved || patch) changes.jobs.add(row.id)
  else changes.beats.set(row.id, row.uid)
  if (isEnded(row.state) && !wasEnded) changes.ended.add(row.id)
  job.patch = undefined
  job.changed = false
  job.wasHeard = false
}

function curveTexts({ curves }: WorkingJob): [string | null, string | null] {
  return [curves.progress && JSON.stringify(curves.progress), curves.headline && JSON.stringify(curves.headline)]
}

/** What a job shows of its current attempt. True when that changed. */
async function writeMove(
  { sql }: StorageContext,
  { row }: WorkingJob,
  { attempt, stages }: AttemptState,
): Promise<boolean> {
  const { state } = attempt
  const error = state === 'failed' ? attempt.error : null
  const next = {
    state,
    state_reason: state === row.state ? row.state_reason : null,
    started_ms: row.started_ms ?? attempt.startedMs,
    ended_ms: attempt.endedMs,
    error_message: error && titleError(error),
    stage: activeStage(stages),
  }
  const same = Object.entries(next).every(([name, value]) => row[name as keyof typeof next] === value) // its own keys
  if (same) return false
  await sql.run(moveJob, [...Object.values(next), row.id])
  if (next.error_message !== null || row.error_message !== null)
    await sql.run(setError, [error && JSON.stringify(error), row.id])
  Object.assign(row, next)
  return true
}

function titleError({ message, rank }: AttemptError): string {
  const [line = ''] = message.split('\n', 1)
  return rank === null || rank === 0 ? line : `Rank ${rank}: ${line}`
}

async function writeAttempt(context: StorageContext, attempt: WorkingAttempt): Promise<void> {
  const { db, sql } = context
  const { jobId, number, run, state, stored } = attempt
  const facts = state.attempt
  const before = stored.attempt
  if (isEnded(facts.state)) attempt.open = null
  const hasLines = run.texts.length > 0
  if (hasLines) attempt.totals = await appendLines(db, { jobId, attempt: number, totals: attempt.totals }, run)
  const offsetMoved = Math.abs((facts.clockOffsetMs ?? 0) - (before.clockOffsetMs ?? -Infinity)) >= offsetWorthMs
  if (hasLines || attempt.open !== attempt.storedOpen || facts.sdkSpoke !== before.sdkSpoke || offsetMoved) {
    const { lines, bytes, levels } = attempt.totals
    const log = [attempt.open, lines, bytes, levels.debug, levels.info, levels.warning, levels.error]
    await sql.run(beatAttempt, [facts.clockOffsetMs, facts.sdkSpoke ? 1 : 0, ...log, jobId, number])
  }
  if (hasMoved(stored, state)) {
    const error = facts.error && JSON.stringify(facts.error)
    const times = [facts.startedMs, facts.endedMs, facts.exitCode]
    await sql.run(moveAttempt, [facts.state, facts.stateRole, ...times, facts.signal, error, jobId, number])
  }
  if (state.stages !== stored.stages) {
    await writeStages(db, { jobId, attempt: number }, state.stages)
    context.changes.jobs.add(jobId)
  }
  await writeWriters(context, attempt)
  attempt.stored = offsetMoved ? state : { ...state, attempt: { ...facts, clockOffsetMs: before.clockOffsetMs } }
  attempt.storedOpen = attempt.open
  attempt.run = { times: [], flags: [], texts: [] }
  attempt.changed = false
}

function hasMoved({ attempt: before }: AttemptState, { attempt: after }: AttemptState): boolean {
  return (
    before.state !== after.state ||
    before.stateRole !== after.stateRole ||
    before.startedMs !== after.startedMs ||
    before.endedMs !== after.endedMs ||
    before.exitCode !== after.exitCode ||
    before.signal !== after.signal ||
    before.error !== after.error
  )
}

async function writeWriters({ sql }: StorageContext, { jobId, number, writers }: WorkingAttempt): Promise<void> {
  for (const [name, writer] of writers) {
    if (!writer.changed) continue
    await sql.run(setWriter, [jobId, number, name, writer.numbers.upto, JSON.stringify(writer.numbers.beyond)])
    writer.changed = false
  }
}
