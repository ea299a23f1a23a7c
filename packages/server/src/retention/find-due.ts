/** Which jobs the rules of retention would touch now. */
import { type Retention, type RetentionRule, endStates } from '@pilothouse/contract'
import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'
import type { Tables } from '../storage/tables.ts'

const dayMs = 24 * 3_600_000

export type DueKind = 'job' | 'data'
type Db = Kysely<Tables>
type Builder = ExpressionBuilder<Tables, 'job'>
export type DueQuery = { retention: Retention; now: number; limit: number }

/** Ids of jobs whose days are over, oldest end first. */
export async function findOverdue(db: Db, kind: DueKind, { retention, now, limit }: DueQuery): Promise<number[]> {
  const rows = await db
    .selectFrom('job')
    .select('id')
    .where((eb) => isOverdue(eb, kind, { retention, now }))
    .orderBy('ended_ms')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

export async function countOverdue(db: Db, kind: DueKind, rules: Omit<DueQuery, 'limit'>): Promise<number> {
  const { count } = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where((eb) => isOverdue(eb, kind, rules))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Ids of the jobs that ended first, enough of them to bring all jobs below the bound; at most `limit`. */
export async function findExcess(db: Db, { retention, limit }: Omit<DueQuery, 'now'>): Promise<number[]> {
  if (retention.totalBytesMax === null) return []
  const { total } = await db
    .selectFrom('job_size')
    .select(({ fn }) => fn.sum<number | null>('total_bytes').as('total'))
    .executeTakeFirstOrThrow()
  let excess = Number(total ?? 0) - retention.totalBytesMax
  if (excess <= 0) return []
  const rows = await db
    .selectFrom('job')
    .innerJoin('job_size', 'job_size.job_id', 'job.id')
    .select(['job.id', 'total_bytes'])
    .where('state', 'in', endStates)
    .where('ended_ms', 'is not', null)
    .where('total_bytes', '>', 0)
    .orderBy('ended_ms')
    .orderBy('job.id')
    .limit(limit)
    .execute()
  const enough: number[] = []
  for (const { id, total_bytes } of rows) {
    if (excess <= 0) break
    enough.push(id)
    excess -= total_bytes
  }
  return enough
}

function isOverdue(
  eb: Builder,
  kind: DueKind,
  { retention, now }: Pick<DueQuery, 'retention' | 'now'>,
): Expression<SqlBool> {
  const named = Object.keys(retention.projects)
  const own = Object.entries(retention.projects).map(([project, rule]) => ({ projects: [project], rule }))
  const some = own.flatMap(({ projects, rule }) => {
    const before = endedBefore(rule, kind, now)
    return before === null ? [] : [eb.and([eb('project', 'in', projects), eb('ended_ms', '<', before)])]
  })
  const before = endedBefore(retention.rule, kind, now)
  if (before !== null) {
    const isOther = named.length === 0 ? sql<SqlBool>`1 = 1` : eb('project', 'not in', named)
    some.push(eb.and([isOther, eb('ended_ms', '<', before)]))
  }
  if (some.length === 0) return sql<SqlBool>`1 = 0`
  const isWhole = kind === 'data' ? [eb('data_removed_ms', 'is', null)] : []
  return eb.and([eb('state', 'in', endStates), ...isWhole, eb.or(some)])
}

function endedBefore({ jobDays, dataDays }: RetentionRule, kind: DueKind, now: number): number | null {
  const days = kind === 'job' ? jobDays : dataDays
  return days === null ? null : now - days * dayMs
}
