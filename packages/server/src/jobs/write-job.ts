import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import type { JobColumns } from './job-patch.ts'
import { parseJson } from './read-job.ts'

/** Writes columns of a job, its next version, and its tags as rows when they changed. */
export async function updateJob(db: Kysely<Tables>, id: number, columns: JobColumns): Promise<void> {
  await db
    .updateTable('job')
    .set((eb) => ({ ...columns, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
  if (typeof columns.tags === 'string') await replaceTags(db, id, columns.tags)
}

/** Makes the rows of `job_tag` those of a job's tags. */
export async function replaceTags(db: Kysely<Tables>, id: number, tags: string): Promise<void> {
  await db.deleteFrom('job_tag').where('job_id', '=', id).execute()
  const rows = parseJson<string[]>(tags).map((tag) => ({ tag, job_id: id }))
  if (rows.length > 0) await db.insertInto('job_tag').values(rows).execute()
}
