/** Rows of attempts, stages and writers, read and written whole. */
import type { Kysely, Selectable, Updateable } from 'kysely'
import type { LogTotals } from '../logs/append-lines.ts'
import type { AttemptTable, Tables } from '../storage/tables.ts'
import type { AttemptFacts } from './apply-report.ts'
import type { AttemptError } from './first-failure.ts'
import type { StageEntry } from './stages.ts'
import { type WriterNumbers, noNumbers } from './writer-numbers.ts'

type Db = Kysely<Tables>
/** One attempt of one job. */
export type AttemptKey = { jobId: number; attempt: number }

export async function readStages(db: Db, { jobId, attempt }: AttemptKey): Promise<StageEntry[]> {
  const rows = await db
    .selectFrom('stage')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('attempt', '=', attempt)
    .orderBy('position')
    .execute()
  return rows.map(({ name, state, started_ms, ended_ms, done, total }) => ({
    name,
    state,
    startedMs: started_ms,
    endedMs: ended_ms,
    done,
    total,
  }))
}

export async function writeStages(
  db: Db,
  { jobId, attempt }: AttemptKey,
  stages: readonly StageEntry[],
): Promise<void> {
  await db.deleteFrom('stage').where('job_id', '=', jobId).where('attempt', '=', attempt).execute()
  if (stages.length === 0) return
  const rows = stages.map(({ name, state, startedMs, endedMs, done, total }, position) => ({
    job_id: jobId,
    attempt,
    position,
    name,
    state,
    started_ms: startedMs,
    ended_ms: endedMs,
    done,
    total,
  }))
  await db.insertInto('stage').values(rows).execute()
}

export async function readWriter(db: Db, { jobId, attempt }: AttemptKey, writer: string): Promise<WriterNumbers> {
  const row = await db
    .selectFrom('writer')
    .select(['upto', 'beyond'])
    .where('job_id', '=', jobId)
    .where('attempt', '=', attempt)
    .where('writer', '=', writer)
    .executeTakeFirst()
  return row ? { upto: row.upto, beyond: JSON.parse(row.beyond) as WriterNumbers['beyond'] } : noNumbers // `writeWriter` wrote it
}

export type AttemptRow = Selectable<AttemptTable>

export function readAttempt(db: Db, { jobId, attempt }: AttemptKey): Promise<AttemptRow | undefined> {
  return db
    .selectFrom('attempt')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('number', '=', attempt)
    .executeTakeFirst()
}

export function toAttemptFacts(row: AttemptRow): AttemptFacts {
  return {
    number: row.number,
    state: row.state,
    stateRole: row.state_role,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    exitCode: row.exit_code,
    signal: row.signal,
    error: row.error === null ? null : readError(row.error),
    clockOffsetMs: row.clock_offset_ms,
    sdkSpoke: row.sdk_spoke === 1,
  }
}

/** What was stored before ranks and times of failures were known lacks them. */
function readError(text: string): AttemptError {
  return { rank: null, at: null, ...(JSON.parse(text) as Omit<AttemptError, 'rank' | 'at'>) } // `writeWorkingJob` wrote it
}

export function toLogTotals(row: AttemptRow): LogTotals {
  const levels = { debug: row.log_debug, info: row.log_info, warning: row.log_warning, error: row.log_error }
  return { lines: row.log_lines, bytes: row.log_bytes, levels }
}

export async function writeAttempt(
  db: Db,
  { jobId, attempt }: AttemptKey,
  columns: Updateable<AttemptTable>,
): Promise<void> {
  await db.updateTable('attempt').set(columns).where('job_id', '=', jobId).where('number', '=', attempt).execute()
}
