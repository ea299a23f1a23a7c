import type { Operation, Actor } from '../storage/operation.ts'
import { jobNotFound, mayTouch } from './job-access.ts'

/**
 * Takes a job away at once: nobody finds it from here on, and its reports are refused. Its series and logs are removed
 * in slices afterwards (`remove-jobs`).
 */
export const deleteJob: Operation<{ uid: string; actor: Actor }, null> = async (
  { db, now, changes },
  { uid, actor },
) => {
  const row = await db.selectFrom('job').select('id').where('uid', '=', uid).executeTakeFirst()
  if (!row || !mayTouch(actor, uid)) throw jobNotFound(uid)
  for (const table of ['job_detail', 'job_tag', 'attempt', 'branch', 'stage', 'writer', 'job_size'] as const) {
    await db.deleteFrom(table).where('job_id', '=', row.id).execute()
  }
  await db.deleteFrom('job').where('id', '=', row.id).execute()
  await db.insertInto('removal').values({ job_id: row.id, at_ms: now() }).execute()
  changes.removed.add(uid)
  return null
}
