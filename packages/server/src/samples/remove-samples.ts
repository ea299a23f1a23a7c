import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import type { SampleFiles } from './sample-files.ts'

/** Rows or files removed in one slice. */
const sliceMax = 500

/** Removes samples, artifacts and alerts of a job that is gone, a slice of it. True when more is waiting. */
export async function removeSamples(db: Kysely<Tables>, files: SampleFiles, jobId: number): Promise<boolean> {
  const rows = await db.selectFrom('sample').select('id').where('job_id', '=', jobId).limit(sliceMax).execute()
  if (rows.length > 0) {
    const ids = rows.map(({ id }) => id)
    await db.deleteFrom('sample').where('id', 'in', ids).execute()
    return true
  }
  const names = await files.list(jobId)
  if (names.length > 0) {
    await files.remove(jobId, names.slice(0, sliceMax))
    return true
  }
  await files.removeAll(jobId)
  for (const table of ['sample_key', 'artifact', 'alert'] as const)
    await db.deleteFrom(table).where('job_id', '=', jobId).execute()
  return false
}
