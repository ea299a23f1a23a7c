import { type JobPage, type jobQuery, jobStates } from '@pilothouse/contract'
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type JobCursor, decodeCursor, encodeCursor } from './job-cursor.ts'
import { type JobFilters, listFilters } from './job-filters.ts'
import { cardColumns, toJobCard } from './read-job.ts'

type Query = z.output<typeof jobQuery>
export type ListJobsInput = JobFilters & { query: Query }

/** A page of cards. Pages follow each other by the value sorted by and the id, so a new job shifts nothing. */
export const listJobs: Operation<ListJobsInput, JobPage> = async (context, input) => {
  const { sort, order, limit } = input.query
  const cursor = input.query.cursor === undefined ? undefined : decodeCursor(input.query.cursor, { sort, order })
  const now = cursor?.now ?? context.now()
  const rows = await selectPage(context.db, { ...input, cursor, now })
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    jobs: rows.slice(0, limit).map((row) => toJobCard(row, context.now())),
    total: await countJobs(context.db, input),
    next: last ? encodeCursor({ sort, order, value: last.sort_value, id: last.id, now }) : null,
  }
}

async function selectPage(db: Kysely<Tables>, input: ListJobsInput & { cursor: JobCursor | undefined; now: number }) {
  const { query, cursor, now } = input
  const value = sortValue(query.sort, now)
  const beyond = sql<SqlBool>`(${value}, job.id) ${sql.raw(query.order === 'asc' ? '>' : '<')} (${cursor?.value ?? 0}, ${cursor?.id ?? 0})`
  // Which jobs first, then their columns: sorting reads an index, where there is one, and never the long rows.
  const page = db
    .selectFrom('job')
    .select(['job.id', value.as('sort_value')])
    .where((eb) => eb.and(listFilters(eb, input)))
    .$if(cursor !== undefined, (builder) => builder.where(beyond))
    .orderBy(value, query.order)
    .orderBy('job.id', query.order)
    .limit(query.limit + 1)
  return db
    .selectFrom(page.as('page'))
    .innerJoin('job', 'job.id', 'page.id')
    .leftJoin('member', 'member.id', 'job.owner_id')
    .select([...cardColumns, 'member.name as owner_name', 'page.sort_value'])
    .orderBy('page.sort_value', query.order)
    .orderBy('job.id', query.order)
    .execute()
}

async function countJobs(db: Kysely<Tables>, input: ListJobsInput): Promise<number> {
  const row = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where((eb) => eb.and(listFilters(eb, input)))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

function sortValue(sort: Query['sort'], now: number) {
  switch (sort) {
    case 'created':
      return sql<number | string>`job.created_ms`
    case 'name':
      return sql<number | string>`job.name`
    case 'heard':
      return sql<number | string>`coalesce(job.heard_ms, 0)`
    case 'duration':
      return sql<number | string>`coalesce(coalesce(job.ended_ms, ${now}) - job.started_ms, -1)`
    case 'state':
      return sql<
        number | string
      >`case job.state ${sql.raw(jobStates.map((state, at) => `when '${state}' then ${at}`).join(' '))} end`
    default:
      return sort satisfies never
  }
}
