import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

/** Rows of one table removed in one slice. */
const sliceMax = 500

/** Removes what a job that is gone was told, and what it told of itself, a slice of it. True when more is waiting. */
export async function removeSteering(db: Kysely<Tables>, jobId: number): Promise<boolean> {
  await db.updateTable('checkpoint_copy').set({ state: 'removing' }).where('job_id', '=', jobId).execute()
  for (const table of ['command', 'parameter_change', 'checkpoint', 'schedule', 'proposal'] as const) {
    const rows = await db.selectFrom(table).select('id').where('job_id', '=', jobId).limit(sliceMax).execute()
    const ids = rows.map(({ id }) => id)
    if (ids.length === 0) continue
    await db.deleteFrom(table).where('id', 'in', ids).execute()
    return true
  }
  await db.deleteFrom('parameter').where('job_id', '=', jobId).execute()
  return false
}
