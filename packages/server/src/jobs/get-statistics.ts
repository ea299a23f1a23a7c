import { type JobState, type JobStatistics, jobStates } from '@pilothouse/contract'
import type { SeriesDatabase } from '@pilothouse/series'
import { type Kysely, sql } from 'kysely'
import { readRates } from '../rates/rate-setting.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

const weekMs = 7 * 24 * 3_600_000
const hourMs = 3_600_000

/** Hours of attempts under way grow by themselves: after so long they are worked out anew. */
const keepMs = 5_000

/** Statistics of jobs that have not changed since they were worked out. */
export class StatisticsCache {
  #kept: { statistics: JobStatistics; at: number } | undefined

  get(now: number): JobStatistics | undefined {
    return this.#kept && Math.abs(now - this.#kept.at) < keepMs ? this.#kept.statistics : undefined
  }

  set(statistics: JobStatistics, at: number): void {
    this.#kept = { statistics, at }
  }

  /** A job came, went or changed more than its curves. */
  clear(): void {
    this.#kept = undefined
  }
}

/** Counts, hours and what filters can be set to, over all jobs. */
export const getStatistics: Operation<null, JobStatistics> = async ({ db, sql: { kind }, now, statistics }) => {
  const known = statistics.get(now())
  if (known) return known
  const fresh = await countAll(db, kind, now)
  statistics.set(fresh, now())
  return fresh
}

async function countAll(db: Kysely<Tables>, kind: SeriesDatabase['kind'], now: () => number): Promise<JobStatistics> {
  const counts = await countStates(db)
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const decided = counts.completed + counts.failed + counts.lost
  return {
    counts,
    total,
    successRate: decided === 0 ? null : counts.completed / decided,
    failedToday: await countFailedSince(db, startOfDay(now())),
    ...(await sumHours(db, { now: now(), kind })),
    meanDurationMs: await meanDuration(db),
    ...(await listFilterValues(db)),
  }
}

async function countStates(db: Kysely<Tables>): Promise<Record<JobState, number>> {
  const rows = await db
    .selectFrom('job')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const found = new Map(rows.map(({ state, count }) => [state, Number(count)]))
  return Object.fromEntries(jobStates.map((state) => [state, found.get(state) ?? 0])) as Record<JobState, number> // one entry for each state
}

async function countFailedSince(db: Kysely<Tables>, since: number): Promise<number> {
  const row = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'failed')
    .where('ended_ms', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Hours of all attempts within the last seven days, the same times the GPUs that each job has, and what they cost. */
async function sumHours(
  db: Kysely<Tables>,
  { now, kind }: { now: number; kind: SeriesDatabase['kind'] },
): Promise<Pick<JobStatistics, 'hoursWeek' | 'gpuHoursWeek' | 'costWeek'>> {
  const since = now - weekMs
  const larger = sql.raw(kind === 'sqlite' ? 'max' : 'greatest')
  const spent = sql<number>`${larger}(0, coalesce(attempt.ended_ms, ${now}) - ${larger}(attempt.started_ms, ${since}))`
  const row = await db
    .selectFrom('attempt')
    .innerJoin('job', 'job.id', 'attempt.job_id')
    .select([
      sql<number | null>`sum(${spent})`.as('spent'),
      sql<number | null>`sum(${spent} * job.gpus)`.as('gpu_spent'),
      sql<number | null>`sum(${spent} * job.hour_cost)`.as('cost'),
      sql<number | null>`sum(case when job.hour_cost is null then ${spent} end)`.as('unpriced'),
    ])
    .where('attempt.started_ms', 'is not', null)
    .where((eb) => eb.or([eb('attempt.ended_ms', 'is', null), eb('attempt.ended_ms', '>', since)]))
    .executeTakeFirstOrThrow()
  const [hoursWeek, gpuHoursWeek, amount, unpricedHours] = [row.spent, row.gpu_spent, row.cost, row.unpriced].map(
    (sum) => Number(sum ?? 0) / hourMs,
  ) as [number, number, number, number] // one for each
  const { card } = await readRates(db)
  const costWeek = card.rates.length > 0 ? { amount, currency: card.currency, unpricedHours } : null
  return { hoursWeek, gpuHoursWeek, costWeek }
}

async function meanDuration(db: Kysely<Tables>): Promise<number | null> {
  const row = await db
    .selectFrom('job')
    .select(sql<number | null>`avg(ended_ms - started_ms)`.as('mean'))
    .where('state', '=', 'completed')
    .executeTakeFirstOrThrow()
  return row.mean === null ? null : Number(row.mean)
}

async function listFilterValues(
  db: Kysely<Tables>,
): Promise<Pick<JobStatistics, 'projects' | 'targets' | 'tags' | 'groups' | 'jobTypes' | 'owners'>> {
  const projects = await db.selectFrom('job').select('project').distinct().orderBy('project').execute()
  const targets = await db
    .selectFrom('job')
    .select('target')
    .distinct()
    .where('target', 'is not', null)
    .orderBy('target')
    .execute()
  const tags = await db.selectFrom('job_tag').select('tag').distinct().orderBy('tag').execute()
  const groups = await db
    .selectFrom('job')
    .select('group_name')
    .distinct()
    .where('group_name', 'is not', null)
    .orderBy('group_name')
    .execute()
  const jobTypes = await db
    .selectFrom('job')
    .select('job_type')
    .distinct()
    .where('job_type', 'is not', null)
    .orderBy('job_type')
    .execute()
  const owners = await db
    .selectFrom('member')
    .select('name')
    .where('id', 'in', (eb) => eb.selectFrom('job').select('owner_id').distinct())
    .orderBy('name')
    .execute()
  return {
    projects: projects.map(({ project }) => project),
    targets: targets.flatMap(({ target }) => target ?? []),
    tags: tags.map(({ tag }) => tag),
    groups: groups.flatMap(({ group_name }) => group_name ?? []),
    jobTypes: jobTypes.flatMap(({ job_type }) => job_type ?? []),
    owners: owners.map(({ name }) => name),
  }
}

/** Midnight where the server stands. */
function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0)
}
