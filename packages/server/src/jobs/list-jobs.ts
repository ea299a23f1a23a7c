import { type JobPage, type jobQuery, jobStates } from '@pilothouse/contract'
import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type JobCursor, decodeCursor, encodeCursor } from './job-cursor.ts'
import { cardColumns, toJobCard } from './read-job.ts'

type Query = z.output<typeof jobQuery>
export type ListJobsInput = {
  query: Query
  /** Both filters hold where `query.state` is given, too. */
  ended?: boolean
  /** Set when the caller's token is bound to one job. */
  onlyUid: string | null
}
type Builder = ExpressionBuilder<Tables, 'job'>

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
  return db
    .selectFrom('job')
    .leftJoin('member', 'member.id', 'job.owner_id')
    .select([...cardColumns, 'member.name as owner_name', value.as('sort_value')])
    .where((eb) => eb.and(listFilters(eb, input)))
    .$if(cursor !== undefined, (builder) => builder.where(beyond))
    .orderBy(value, query.order)
    .orderBy('job.id', query.order)
    .limit(query.limit + 1)
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

function listFilters(eb: Builder, { query, ended, onlyUid }: ListJobsInput): Expression<SqlBool>[] {
  const words = (query.search ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return [
    ...(query.state ? [eb('job.state', 'in', query.state)] : []),
    ...(ended === undefined
      ? []
      : [eb('job.state', ended ? 'in' : 'not in', ['completed', 'failed', 'cancelled', 'lost'])]),
    ...(query.kind ? [eb('job.kind', '=', query.kind)] : []),
    ...(query.project ? [eb('job.project', 'in', query.project)] : []),
    ...(query.target ? [eb('job.target', 'in', query.target)] : []),
    ...(query.group ? [eb('job.group_name', 'in', query.group)] : []),
    ...(query.jobType ? [eb('job.job_type', 'in', query.jobType)] : []),
    ...(query.tag ? [eb('job.id', 'in', eb.selectFrom('job_tag').select('job_id').where('tag', 'in', query.tag))] : []),
    ...(query.owner
      ? [eb('job.owner_id', 'in', eb.selectFrom('member').select('id').where('name', 'in', query.owner))]
      : []),
    ...(query.since === undefined ? [] : [eb('job.created_ms', '>=', query.since)]),
    ...(query.until === undefined ? [] : [eb('job.created_ms', '<', query.until)]),
    ...(onlyUid === null ? [] : [eb('job.uid', '=', onlyUid)]),
    ...words.map((word) => sql<SqlBool>`job.search like ${`%${escapeLike(word)}%`} escape '\\'`),
  ]
}

function escapeLike(word: string): string {
  return word.replace(/[\\%_]/g, (character) => `\\${character}`)
}
