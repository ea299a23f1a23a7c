import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import type { JobChange, KnownDetail } from './job-patch.ts'
import { parseJson } from './parse-json.ts'

/** Writes columns of a job, its next version, and its tags as rows when they changed. */
export async function updateJob(
  db: Kysely<Tables>,
  id: number,
  { job = {}, detail = {} }: Partial<JobChange>,
): Promise<void> {
  await db
    .updateTable('job')
    .set((eb) => ({ ...job, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
  if (Object.keys(detail).length > 0) await db.updateTable('job_detail').set(detail).where('job_id', '=', id).execute()
  if (typeof job.tags === 'string') await replaceTags(db, id, job.tags)
}

/** What a patch is merged with. */
export function readKnownDetail(db: Kysely<Tables>, id: number): Promise<KnownDetail> {
  return db
    .selectFrom('job_detail')
    .select(['hardware', 'recipe', 'metrics'])
    .where('job_id', '=', id)
    .executeTakeFirstOrThrow()
}

async function replaceTags(db: Kysely<Tables>, id: number, tags: string): Promise<void> {
  await db.deleteFrom('job_tag').where('job_id', '=', id).execute()
  const rows = parseJson<string[]>(tags).map((tag) => ({ tag, job_id: id }))
  if (rows.length > 0) await db.insertInto('job_tag').values(rows).execute()
}
