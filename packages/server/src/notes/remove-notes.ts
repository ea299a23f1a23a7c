import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

/** Notes removed in one slice. */
const sliceMax = 500

/** Removes the notes of a job that is gone, a slice of them. True when more is waiting. */
export async function removeNotes(db: Kysely<Tables>, jobId: number): Promise<boolean> {
  const rows = await db.selectFrom('note').select('id').where('job_id', '=', jobId).limit(sliceMax).execute()
  if (rows.length === 0) return false
  const ids = rows.map(({ id }) => id)
  await db.deleteFrom('note').where('id', 'in', ids).execute()
  return true
}
