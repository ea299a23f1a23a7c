import { liveStates } from '@pilothouse/contract'
import { formatDuration, isLost } from '@pilothouse/signals'
import { updateJob } from '../jobs/write-job.ts'
import type { Operation } from '../storage/operation.ts'
import { writeAttempt } from './telemetry-rows.ts'

export type LostRule = {
  lostAfterMs: number
  /** Silence counts from here at the earliest: when the storage was opened, reporters had nobody to report to. */
  sinceMs: number
}

/** Live jobs that nobody has heard of for too long become lost, as of the last word of them. Always false: no more is waiting. */
export const loseSilentJobs: Operation<LostRule, boolean> = async ({ db, now, changes }, { lostAfterMs, sinceMs }) => {
  const rows = await db
    .selectFrom('job')
    .select(['id', 'state', 'attempt', 'started_ms', 'heard_ms'])
    .where('state', 'in', liveStates)
    .execute()
  for (const row of rows) {
    const heard = row.heard_ms ?? row.started_ms ?? sinceMs
    const lost = isLost({
      state: row.state,
      heardAt: Math.max(heard, sinceMs),
      startedAt: null,
      now: now(),
      lostAfterMs,
      knownToTarget: false,
    })
    if (!lost) continue
    const end = { state: 'lost', ended_ms: heard } as const
    await writeAttempt(db, { jobId: row.id, attempt: row.attempt }, end)
    await updateJob(db, row.id, { job: { ...end, state_reason: `No report for ${formatDuration(now() - heard)}.` } })
    changes.jobs.add(row.id)
    changes.ended.add(row.id)
  }
  return false
}
