import type { Operation } from '../storage/operation.ts'

/** True when there is a job of that name: a topic of it may be watched. */
export const hasJob: Operation<{ uid: string }, boolean> = async ({ db }, { uid }) => {
  const row = await db.selectFrom('job').select('id').where('uid', '=', uid).executeTakeFirst()
  return row !== undefined
}
