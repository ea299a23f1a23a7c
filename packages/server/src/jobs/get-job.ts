import type { Job } from '@pilothouse/contract'
import type { Operation } from '../storage/operation.ts'
import { jobNotFound } from './job-access.ts'
import { readJob } from './read-job.ts'

/** One job, whole. */
export const getJob: Operation<{ uid: string }, Job> = async (context, { uid }) => {
  const job = await readJob(context, uid)
  if (!job) throw jobNotFound(uid)
  return job
}
