import { readRetention } from '../retention/retention-setting.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import { moveToDeleted } from './deleted-job.ts'
import { jobNotFound, mayTouch } from './job-access.ts'

const hourMs = 3_600_000

/**
 * Takes a job away at once: nobody finds it from here on, and its reports are refused. For a while it can be restored;
 * then, or at once with `now`, its series and logs are removed in slices.
 */
export const deleteJob: Operation<{ uid: string; actor: Actor; now: boolean }, null> = async (
  { db, now, changes },
  { uid, actor, now: atOnce },
) => {
  const row = await db.selectFrom('job').selectAll().where('uid', '=', uid).executeTakeFirst()
  if (!row || !mayTouch(actor, uid)) throw jobNotFound(uid)
  const { undoHours } = await readRetention(db)
  const purgeAt = atOnce || undoHours === 0 ? null : now() + undoHours * hourMs
  await moveToDeleted(db, row, { at: now(), purgeAt, memberId: actor.memberId })
  changes.removed.add(uid)
  return null
}
