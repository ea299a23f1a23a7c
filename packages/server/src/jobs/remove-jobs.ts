import type { Kysely } from 'kysely'
import { removeSteering } from '../commands/remove-steering.ts'
import { removeSamples } from '../samples/remove-samples.ts'
import { removeNotes } from '../notes/remove-notes.ts'
import type { StorageRoom } from '../storage/open-storage.ts'
import type { Tables } from '../storage/tables.ts'

/** Log segments deleted in one slice: about 4 MB of compressed text. */
const segmentsMax = 64

/**
 * What a job leaves behind, beside its series. Each step takes a slice away, in one transaction of about 10 ms, and answers
 * true while more is waiting. A job that is still there lost only its metrics and logs: what else it has stays.
 */
type RemovalStep = (room: StorageRoom, job: { id: number; isGone: boolean }) => Promise<boolean>

const steps: readonly RemovalStep[] = [
  ({ database }, { id }) => database.transaction(() => removeSegments(database.db, id)),
  async ({ database, samples }, { id, isGone }) =>
    isGone && (await database.transaction(() => removeSamples(database.db, samples, id))),
  async ({ database }, { id, isGone }) => isGone && (await database.transaction(() => removeNotes(database.db, id))),
  async ({ database }, { id, isGone }) => isGone && (await database.transaction(() => removeSteering(database.db, id))),
]

/** Removes what a deleted job left behind, a slice of it. True when more is waiting. */
export async function removeJobs(room: StorageRoom): Promise<boolean> {
  const { db } = room.database
  const removal = await db
    .selectFrom('removal')
    .leftJoin('job', 'job.id', 'removal.job_id')
    .select(['removal.job_id', 'job.id'])
    .limit(1)
    .executeTakeFirst()
  if (!removal) return false
  const job = { id: removal.job_id, isGone: removal.id === null }
  for (const step of steps) if (await step(room, job)) return true
  await room.series.delete(job.id, { budgetMs: 0 })
  if (job.isGone) await db.deleteFrom('wandb_run').where('job_id', '=', job.id).execute()
  await db.deleteFrom('removal').where('job_id', '=', job.id).execute()
  return true
}

async function removeSegments(db: Kysely<Tables>, jobId: number): Promise<boolean> {
  const rows = await db
    .selectFrom('log_segment')
    .select(['attempt', 'first_line'])
    .where('job_id', '=', jobId)
    .limit(segmentsMax)
    .execute()
  for (const { attempt, first_line } of rows) {
    await db
      .deleteFrom('log_segment')
      .where('job_id', '=', jobId)
      .where('attempt', '=', attempt)
      .where('first_line', '=', first_line)
      .execute()
  }
  return rows.length > 0
}
