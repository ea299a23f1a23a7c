import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

/** Of the rows that a job has in `table` the newest `keep` stay. */
export async function dropOldest(
  db: Kysely<Tables>,
  table: 'alert' | 'artifact' | 'parameter_change',
  { jobId, keep }: { jobId: number; keep: number },
): Promise<void> {
  const first = await db
    .selectFrom(table)
    .select('id')
    .where('job_id', '=', jobId)
    .orderBy('id', 'desc')
    .offset(keep)
    .limit(1)
    .executeTakeFirst()
  if (first) await db.deleteFrom(table).where('job_id', '=', jobId).where('id', '<=', first.id).execute()
}
