import type { UsagePage, usageQuery } from '@pilothouse/contract'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { decodeKeyset, encodeKeyset } from '../storage/keyset.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

type Query = z.output<typeof usageQuery>
type Place = { bytes: number; id: string }

/** Jobs or projects by the space that they take, largest first. */
export const listUsage: Operation<Query, UsagePage> = async ({ db }, query) => {
  const place = readPlace(query)
  const rows = await (query.by === 'job' ? selectJobs(db, query, place) : selectProjects(db, query, place))
  const entries = rows.slice(0, query.limit).map((row) => ({
    id: row.id,
    name: row.name,
    project: row.project,
    jobs: Number(row.jobs),
    points: Number(row.points),
    metricBytes: Number(row.metric_bytes),
    logBytes: Number(row.log_bytes),
    fileBytes: Number(row.file_bytes),
    bytes: Number(row.bytes),
  }))
  const last = rows.length > query.limit ? entries.at(-1) : undefined
  return {
    entries,
    totalBytes: await sumBytes(db),
    next: last ? encodeKeyset(`usage.${query.by}`, [last.bytes, last.id]) : null,
  }
}

function readPlace({ by, cursor }: Query): Place | undefined {
  if (cursor === undefined) return undefined
  const [bytes, id] = decodeKeyset(cursor, `usage.${by}`, ['number', 'string'])
  return { bytes: Number(bytes), id: String(id) }
}

function selectJobs(db: Kysely<Tables>, { limit }: Query, place: Place | undefined) {
  return db
    .selectFrom('job_size')
    .innerJoin('job', 'job.id', 'job_size.job_id')
    .select(['job.uid as id', 'job.name', 'job.project', 'job_size.points', 'job_size.metric_bytes'])
    .select(['job_size.log_bytes', 'job_size.file_bytes', 'job_size.total_bytes as bytes', sql<number>`1`.as('jobs')])
    .$if(place !== undefined, (builder) =>
      builder.where(sql<boolean>`(job_size.total_bytes, job.uid) < (${place?.bytes ?? 0}, ${place?.id ?? ''})`),
    )
    .orderBy('job_size.total_bytes', 'desc')
    .orderBy('job.uid', 'desc')
    .limit(limit + 1)
    .execute()
}

function selectProjects(db: Kysely<Tables>, { limit }: Query, place: Place | undefined) {
  const bytes = sql<number>`sum(job_size.total_bytes)`
  return db
    .selectFrom('job_size')
    .innerJoin('job', 'job.id', 'job_size.job_id')
    .select(['job.project as id', 'job.project as name', 'job.project', bytes.as('bytes')])
    .select(({ fn }) => [
      fn.countAll<number>().as('jobs'),
      fn.sum<number>('job_size.points').as('points'),
      fn.sum<number>('job_size.metric_bytes').as('metric_bytes'),
      fn.sum<number>('job_size.log_bytes').as('log_bytes'),
      fn.sum<number>('job_size.file_bytes').as('file_bytes'),
    ])
    .groupBy('job.project')
    .$if(place !== undefined, (builder) =>
      builder.having(sql<boolean>`(${bytes}, job.project) < (${place?.bytes ?? 0}, ${place?.id ?? ''})`),
    )
    .orderBy(bytes, 'desc')
    .orderBy('job.project', 'desc')
    .limit(limit + 1)
    .execute()
}

async function sumBytes(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('job_size')
    .select(({ fn }) => fn.sum<number | null>('total_bytes').as('bytes'))
    .executeTakeFirstOrThrow()
  return Number(row.bytes ?? 0)
}
