/** Deletion of all jobs that match: counted first, then a few at a time, so that reports are taken in between. */
import { type JobsDeleted, PilothouseError, endStates, type jobsDelete } from '@pilothouse/contract'
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely'
import type { z } from 'zod'
import { type Author, writeAudit } from '../access/access-operations.ts'
import { readRetention } from '../retention/retention-setting.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { moveToDeleted } from './deleted-job.ts'
import { listFilters } from './job-filters.ts'
import type { Searcher } from './search-conditions.ts'

/** One slice: at most so many jobs and about so many ms. */
const jobsMax = 50
const sliceMs = 8
const hourMs = 3_600_000

export type JobsFilter = Omit<z.output<typeof jobsDelete>, 'dryRun' | 'now'>
type Counted = Pick<JobsDeleted, 'jobs' | 'bytes' | 'notEnded' | 'restorableUntil' | 'at'>

/**
 * How many jobs match, and how many of them may be deleted.
 * @throws PilothouseError `invalid` when no condition is named.
 */
export const countDeletable: Operation<{ filter: JobsFilter; memberId: number; now: boolean }, Counted> = async (
  { db, now },
  { filter, memberId, now: atOnce },
) => {
  const searcher = { memberId, now: now() }
  if (Object.values(filter).every((condition) => condition === undefined)) {
    throw new PilothouseError('invalid', 'No condition is named: that would be every job.', {
      field: 'body',
      expected:
        'at least one of uids, state, kind, project, target, tag, owner, group, jobType, search, since, until, endedBefore',
    })
  }
  const { undoHours } = await readRetention(db)
  const row = await db
    .selectFrom('job')
    .leftJoin('job_size', 'job_size.job_id', 'job.id')
    .select(({ fn }) => [fn.countAll<number>().as('jobs'), fn.sum<number | null>('total_bytes').as('bytes')])
    .where((eb) => eb.and([...matches(eb, filter, searcher), eb('job.state', 'in', endStates)]))
    .executeTakeFirstOrThrow()
  const { count } = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where((eb) => eb.and([...matches(eb, filter, searcher), eb('job.state', 'not in', endStates)]))
    .executeTakeFirstOrThrow()
  return {
    jobs: Number(row.jobs),
    bytes: Number(row.bytes ?? 0),
    notEnded: Number(count),
    at: now(),
    restorableUntil: atOnce || undoHours === 0 ? null : now() + undoHours * hourMs,
  }
}

export type DeleteSlice = {
  filter: JobsFilter
  /** Jobs that end later than this do not count, so that the work has an end. */
  at: number
  purgeAt: number | null
  by: Author
}

/** Deletes some of the jobs that match; returns how many, and whether others are left. */
export const deleteSomeJobs: Operation<DeleteSlice, { jobs: number; bytes: number; more: boolean }> = async (
  { db, now, changes },
  { filter, at, purgeAt, by },
) => {
  const until = performance.now() + sliceMs
  const rows = await selectSome(db, filter, { memberId: by?.memberId ?? null, now: at })
  let [jobs, bytes] = [0, 0]
  for (const { total_bytes, ...row } of rows) {
    // At least one: the question alone may have taken the slice.
    if (jobs > 0 && performance.now() > until) break
    await moveToDeleted(db, row, { at: now(), purgeAt, memberId: by?.memberId ?? null })
    await writeAudit(db, now(), { action: 'jobs.delete', subject: row.uid, by })
    changes.removed.add(row.uid)
    jobs += 1
    bytes += total_bytes ?? 0
  }
  return { jobs, bytes, more: jobs < rows.length || rows.length === jobsMax }
}

function selectSome(db: Kysely<Tables>, filter: JobsFilter, searcher: Searcher) {
  return db
    .selectFrom('job')
    .leftJoin('job_size', 'job_size.job_id', 'job.id')
    .selectAll('job')
    .select('job_size.total_bytes')
    .where((eb) =>
      eb.and([
        ...matches(eb, filter, searcher),
        eb('job.state', 'in', endStates),
        eb('job.ended_ms', '<=', searcher.now),
      ]),
    )
    .orderBy('job.id')
    .limit(jobsMax)
    .execute()
}

function matches(eb: ExpressionBuilder<Tables, 'job'>, filter: JobsFilter, { memberId, now }: Searcher) {
  const { uids, endedBefore, ...query } = filter
  const own: Expression<SqlBool>[] = listFilters(eb, { query, onlyUid: null, memberId, withArchived: true }, now)
  if (uids !== undefined) own.push(eb('job.uid', 'in', uids))
  if (endedBefore !== undefined) own.push(eb('job.ended_ms', '<', endedBefore))
  return own
}
