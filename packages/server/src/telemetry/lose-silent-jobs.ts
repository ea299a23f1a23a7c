import { liveStates } from '@pilothouse/contract'
import { formatDuration, isLost } from '@pilothouse/signals'
import { updateJob } from '../jobs/write-job.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { writeAttempt } from './telemetry-rows.ts'

export type LostRule = {
  lostAfterMs: number
  /** Silence counts from here at the earliest: when the storage was opened, reporters had nobody to report to. */
  sinceMs: number
}

/** The system's clock may go so far ahead of the steady one between two looks. */
const jumpMs = 5_000

/**
 * The rule, asked at every look. When the clock has jumped ahead (it was set, or the machine slept), silence counts from
 * then on: the jump is nobody's silence.
 */
export function makeLostRule(
  lostAfterMs: number,
  { now, clock }: { now: () => number; clock: () => number },
): () => LostRule {
  let sinceMs = now()
  let last = { now: sinceMs, clock: clock() }
  return () => {
    const next = { now: now(), clock: clock() }
    if (next.now - last.now - (next.clock - last.clock) > jumpMs) sinceMs = next.now
    last = next
    return { lostAfterMs, sinceMs }
  }
}

/**
 * Live jobs that nobody has heard of for too long become lost. Silence counts from when they were heard, their end from their
 * last word: what a script wrote before it was killed may be sent days later. Always false: no more is waiting.
 */
export const loseSilentJobs: Operation<LostRule, boolean> = async (context, { lostAfterMs, sinceMs }) => {
  const { db, now } = context
  const rows = await db
    .selectFrom('job')
    .leftJoin('attempt', (join) =>
      join.onRef('attempt.job_id', '=', 'job.id').onRef('attempt.number', '=', 'job.attempt'),
    )
    .select(['job.id', 'job.state', 'job.attempt', 'job.started_ms', 'job.heard_ms', 'job.word_ms'])
    .leftJoin('launch', (join) => join.onRef('launch.job_id', '=', 'job.id').on('launch.state', '=', 'following'))
    .select(['attempt.started_ms as attempt_started_ms', 'launch.id as launch_id'])
    .where('job.state', 'in', liveStates)
    .execute()
  for (const row of rows) {
    const heard = row.heard_ms ?? row.started_ms ?? sinceMs
    const lost = isLost({
      state: row.state,
      heardAt: Math.max(heard, sinceMs),
      startedAt: null,
      now: now(),
      lostAfterMs,
      // Who follows it there says when nobody knows it any more.
      knownToTarget: row.launch_id !== null,
    })
    if (!lost) continue
    // Never before it began, whatever clocks say.
    const endedMs = Math.max(row.word_ms ?? heard, row.attempt_started_ms ?? 0)
    await loseJob(context, row, { endedMs, reason: `No report for ${formatDuration(now() - endedMs)}.` })
  }
  return false
}

/** Nobody knows of the job's current attempt any more, since `endedMs`. A late report brings it back. */
export async function loseJob(
  { db, changes }: StorageContext,
  { id, attempt }: { id: number; attempt: number },
  { endedMs, reason }: { endedMs: number; reason: string },
): Promise<void> {
  const end = { state: 'lost', ended_ms: endedMs } as const
  await writeAttempt(db, { jobId: id, attempt }, end)
  await updateJob(db, id, { job: { ...end, state_reason: reason } })
  changes.jobs.add(id)
  changes.ended.add(id)
}
