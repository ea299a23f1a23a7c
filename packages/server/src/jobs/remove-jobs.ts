import type { Kysely } from 'kysely'
import { removeSamples } from '../samples/remove-samples.ts'
import type { StorageRoom } from '../storage/open-storage.ts'
import type { Tables } from '../storage/tables.ts'

/** Log segments deleted in one slice: about 4 MB of compressed text. */
const segmentsMax = 64

/** Removes what a deleted job left behind, a slice of it. True when more is waiting. */
export async function removeJobs({
  database,
  series,
  samples,
}: Pick<StorageRoom, 'database' | 'series' | 'samples'>): Promise<boolean> {
  const { db } = database
  const removal = await db.selectFrom('removal').select('job_id').limit(1).executeTakeFirst()
  if (!removal) return false
  if (await database.transaction(() => removeSegments(db, removal.job_id))) return true
  if (await database.transaction(() => removeSamples(db, samples, removal.job_id))) return true
  await series.delete(removal.job_id, { budgetMs: 0 })
  await db.deleteFrom('removal').where('job_id', '=', removal.job_id).execute()
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
