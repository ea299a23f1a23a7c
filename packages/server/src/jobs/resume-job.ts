/** What a reporter is told of a job that it goes on with, and when it may not. */
import { type JobCreate, type JobCreated, PilothouseError } from '@pilothouse/contract'
import type { ProgressState } from '@pilothouse/signals'
import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import { jobNotFound } from './job-access.ts'
import { parseJson } from './parse-json.ts'
import type { JobRow } from './read-job.ts'

type Resumed = NonNullable<JobCreated['resumed']>

/** Where a job stands that was there before. */
export async function findResumed(db: Kysely<Tables>, job: JobRow): Promise<Resumed> {
  const { config, summary } = await db
    .selectFrom('job_detail')
    .select(['config', 'summary'])
    .where('job_id', '=', job.id)
    .executeTakeFirstOrThrow()
  return {
    lastStep: parseJson<ProgressState | null>(job.progress)?.step ?? null,
    name: job.name,
    config: parseJson<Resumed['config']>(config),
    summary: parseJson<Resumed['summary']>(summary),
  }
}

type Asked = { uid: string; found: JobRow | undefined; body: Pick<JobCreate, 'resume' | 'attempt'> }

/**
 * Who has asked before (its claim is known) is let through: its first answer may have been lost.
 * @throws PilothouseError `notFound` for `must` without such a job, `conflict` for `never` with one.
 */
export async function refuseResume(db: Kysely<Tables>, { uid, found, body }: Asked): Promise<void> {
  if (body.resume === 'must' && !found) throw jobNotFound(uid)
  if (body.resume !== 'never' || !found || (await isKnownClaim(db, found.id, body.attempt?.claim))) return
  throw new PilothouseError('conflict', `There is a job «${uid}» already, and it was not to be resumed.`, {
    field: 'resume',
    hint: 'Choose another id, or resume="allow" to go on with it.',
  })
}

async function isKnownClaim(db: Kysely<Tables>, jobId: number, claim: string | undefined): Promise<boolean> {
  if (claim === undefined) return false
  const row = await db
    .selectFrom('attempt')
    .select('number')
    .where('job_id', '=', jobId)
    .where('claim', '=', claim)
    .executeTakeFirst()
  return row !== undefined
}
