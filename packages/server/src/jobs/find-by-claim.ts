/**
 * Which job a reporter speaks for that comes with a uid nobody knows.
 *
 *   its claim is one of an attempt under way      that attempt's job, unless it is another process of the same host:
 *                                                 a scheduler's entry may run several scripts side by side
 *   it is another rank, its claim is known        that attempt's job, if it had not ended when this process began: of
 *                                                 several that fail, the first one may have ended it already
 *   its claim is lasting and known                that attempt's job, even after its end: the last word of a rank
 *   it goes on after a claim that is known        that attempt's job, where that attempt is the last one and did not complete
 *   else                                          a job of its own: one process may run several in turn
 */
import { type JobCreate, endStates } from '@pilothouse/contract'
import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import type { JobRow } from './read-job.ts'

type Asked = NonNullable<JobCreate['attempt']>

export async function findByClaim(
  db: Kysely<Tables>,
  { attempt: asked, createdAt }: Pick<JobCreate, 'createdAt'> & { attempt: Asked },
  ownerId: number,
): Promise<JobRow | undefined> {
  const { claim, after } = asked
  const speaksFor = claim === undefined ? undefined : await findSpeaker(db, { ...asked, claim, createdAt }, ownerId)
  if (speaksFor || after === undefined) return speaksFor
  return attemptsWith(db, after, ownerId)
    .whereRef('attempt.number', '=', 'job.attempt')
    .where('attempt.state', '!=', 'completed')
    .orderBy('job.id', 'desc')
    .executeTakeFirst()
}

function findSpeaker(
  db: Kysely<Tables>,
  {
    claim,
    lasting,
    host,
    pid,
    rank = 0,
    createdAt = Infinity,
  }: Asked & { claim: string; createdAt?: number | undefined },
  ownerId: number,
): Promise<JobRow | undefined> {
  const known = attemptsWith(db, claim, ownerId).orderBy('job.id', 'desc')
  if (lasting) return known.executeTakeFirst()
  if (rank > 0) {
    const since = Math.min(createdAt, Number.MAX_SAFE_INTEGER)
    return known
      .where(({ eb, or }) => or([eb('attempt.state', 'not in', endStates), eb('attempt.ended_ms', '>', since)]))
      .executeTakeFirst()
  }
  const underWay = known.where('attempt.state', 'not in', endStates)
  if (host === undefined || pid === undefined) return underWay.executeTakeFirst()
  return underWay
    .where(({ eb, or }) =>
      or([eb('attempt.pid', 'is', null), eb('attempt.pid', '=', pid), eb('attempt.host', '!=', host)]),
    )
    .executeTakeFirst()
}

/** Jobs of attempts that have a claim, among those of one owner. */
function attemptsWith(
  db: Kysely<Tables>,
  claim: string,
  ownerId: number,
): SelectQueryBuilder<Tables, 'job' | 'attempt', JobRow> {
  return db
    .selectFrom('job')
    .innerJoin('attempt', 'attempt.job_id', 'job.id')
    .selectAll('job')
    .where('attempt.owner_id', '=', ownerId)
    .where('attempt.claim', '=', claim)
}
