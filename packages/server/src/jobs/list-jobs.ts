import type { JobPage, jobQuery } from '@pilothouse/contract'
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import { spentColumns } from '../rates/spent-time.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type JobCursor, decodeCursor, encodeCursor } from './job-cursor.ts'
import { type JobFilters, listFilters } from './job-filters.ts'
import { cardColumns, toJobCard } from './read-job.ts'
import { type SortStage, listStages } from './sort-stages.ts'

type Query = z.output<typeof jobQuery>
export type ListJobsInput = JobFilters & { query: Query }

/** A page of cards. Pages follow each other by the value sorted by and the id, so a new job shifts nothing. */
export const listJobs: Operation<ListJobsInput, JobPage> = async (context, input) => {
  const { sort, order, limit } = input.query
  const cursor = input.query.cursor === undefined ? undefined : decodeCursor(input.query.cursor, { sort, order })
  const now = cursor?.now ?? context.now()
  const rows = await selectRows(context.db, { ...input, cursor, now })
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    jobs: rows.slice(0, limit).map((row) => toJobCard(row, context.now())),
    total: await countJobs(context.db, input, now),
    next: last ? encodeCursor({ sort, order, stage: last.sort_stage, value: last.sort_value, id: last.id, now }) : null,
  }
}

type PageInput = ListJobsInput & { cursor: JobCursor | undefined; now: number }

/** One row more than the page has, where there is one: stage after stage, from that of the cursor on. */
async function selectRows(db: Kysely<Tables>, input: PageInput) {
  const { query, cursor, now } = input
  const stages = listStages(query.sort, now)
  const rows = []
  for (let at = cursor?.stage ?? 0; at < stages.length; at += 1) {
    const stage = stages[at]
    const left = query.limit + 1 - rows.length
    if (!stage || left <= 0) break
    const after = cursor?.stage === at ? cursor : undefined
    const found = await selectStage(db, { ...input, cursor: after, stage, limit: left })
    rows.push(...found.map((row) => ({ ...row, sort_stage: at })))
  }
  return rows
}

async function selectStage(db: Kysely<Tables>, input: PageInput & { stage: SortStage; limit: number }) {
  const { query, cursor, now, stage, limit } = input
  const { value, holds, key } = stage
  const sign = sql.raw(query.order === 'asc' ? '>' : '<')
  const beyond = sql<SqlBool>`(${value}, job.id) ${sign} (${cursor?.value ?? 0}, ${cursor?.id ?? 0})`
  // Which jobs first, then their columns: sorting reads an index, where there is one, and never the long rows.
  const page = db
    .selectFrom('job')
    .$if(
      key !== undefined,
      (builder) =>
        builder.innerJoin('job_value', (join) =>
          join.onRef('job_value.job_id', '=', 'job.id').on('job_value.key_id', '=', key ?? 0),
        ) as typeof builder, // the columns that are selected are those of `job`
    )
    .select(['job.id', value.as('sort_value')])
    .where((eb) => eb.and(listFilters(eb, input, now)))
    .$if(holds !== undefined, (builder) => builder.where(holds ?? sql<SqlBool>`1 = 1`))
    .$if(cursor !== undefined, (builder) => builder.where(beyond))
    .orderBy(value, query.order)
    .orderBy('job.id', query.order)
    .limit(limit)
  return db
    .selectFrom(page.as('page'))
    .innerJoin('job', 'job.id', 'page.id')
    .leftJoin('member', 'member.id', 'job.owner_id')
    .select([...cardColumns, 'member.name as owner_name', 'page.sort_value', ...spentColumns(now)])
    .orderBy('page.sort_value', query.order)
    .orderBy('job.id', query.order)
    .execute()
}

async function countJobs(db: Kysely<Tables>, input: ListJobsInput, now: number): Promise<number> {
  const row = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where((eb) => eb.and(listFilters(eb, input, now)))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
