import type { DeletedJobPage, deletedJobsQuery } from '@pilothouse/contract'
import { sql } from 'kysely'
import type { z } from 'zod'
import { decodeKeyset, encodeKeyset } from '../storage/keyset.ts'
import type { Operation } from '../storage/operation.ts'

const list = 'deleted-jobs'

/** Jobs that can be restored, the one deleted last first. */
export const listDeletedJobs: Operation<z.output<typeof deletedJobsQuery>, DeletedJobPage> = async (
  { db },
  { limit, cursor },
) => {
  const place = cursor === undefined ? undefined : decodeKeyset(cursor, list, ['number', 'number'])
  const rows = await db
    .selectFrom('deleted_job')
    .leftJoin('member', 'member.id', 'deleted_job.member_id')
    .select(['job_id', 'uid', 'deleted_job.name', 'project', 'state', 'deleted_ms', 'purge_ms', 'member.name as by'])
    .$if(place !== undefined, (builder) =>
      builder.where(sql<boolean>`(deleted_ms, job_id) < (${place?.[0] ?? 0}, ${place?.[1] ?? 0})`),
    )
    .orderBy('deleted_ms', 'desc')
    .orderBy('job_id', 'desc')
    .limit(limit + 1)
    .execute()
  const { count } = await db
    .selectFrom('deleted_job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    jobs: page.map(({ uid, name, project, state, deleted_ms, purge_ms, by }) => ({
      uid,
      name,
      project,
      state,
      deletedAt: deleted_ms,
      purgeAt: purge_ms,
      by,
    })),
    total: Number(count),
    next: last ? encodeKeyset(list, [last.deleted_ms, last.job_id]) : null,
  }
}
