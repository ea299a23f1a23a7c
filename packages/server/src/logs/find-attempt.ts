import { PilothouseError } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { jobNotFound } from '../jobs/job-access.ts'
import type { Tables } from '../storage/tables.ts'
import { type AttemptRow, readAttempt } from '../telemetry/telemetry-rows.ts'

/**
 * The attempt of a job whose log is meant: the current one unless another is named.
 * @throws PilothouseError `notFound`.
 */
export async function findAttempt(db: Kysely<Tables>, uid: string, number?: number): Promise<AttemptRow> {
  const job = await db.selectFrom('job').select(['id', 'attempt']).where('uid', '=', uid).executeTakeFirst()
  if (!job) throw jobNotFound(uid)
  const attempt = await readAttempt(db, { jobId: job.id, attempt: number ?? job.attempt })
  if (!attempt)
    throw new PilothouseError('notFound', `The job «${uid}» has no attempt ${number ?? job.attempt}.`, {
      field: 'attempt',
    })
  return attempt
}
