import type { Job } from '@pilothouse/contract'
import type { Operation } from '../storage/operation.ts'
import { moveFromDeleted } from './deleted-job.ts'
import { getJob } from './get-job.ts'

/** Brings a deleted job back. */
export const restoreJob: Operation<{ uid: string }, Job> = async (context, { uid }) => {
  context.changes.jobs.add(await moveFromDeleted(context.db, uid))
  return getJob(context, { uid })
}
