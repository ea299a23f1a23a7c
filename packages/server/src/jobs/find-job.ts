import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import { jobNotFound } from './job-access.ts'
import type { JobRow } from './read-job.ts'

/**
 * The row of a job.
 * @throws PilothouseError `notFound`.
 */
export async function findJob(db: Kysely<Tables>, uid: string): Promise<JobRow> {
  const row = await db.selectFrom('job').selectAll().where('uid', '=', uid).executeTakeFirst()
  if (!row) throw jobNotFound(uid)
  return row
}
