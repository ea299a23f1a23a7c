/** History of a project or a target: one question, which the database adds up over the narrow rows of `job_record`. */
import { endStates, type UsageGroup, type UsageHistory, type usageHistoryQuery } from '@pilothouse/contract'
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { readRates } from '../rates/rate-setting.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'

export type UsageInput = { query: z.output<typeof usageHistoryQuery>; onlyUid: string | null }

const hourMs = 3_600_000
/** Of one grouping; what is beyond is left out of the list. */
const groupsMax = 20
const causesMax = 12

/** One answer of the question: which it is, of what, and its numbers. Sums are text where a database has larger ones. */
type Row = { what: string; name: string | null; state: string | null } & Record<Sum, number | string | null>
type Sum = 'jobs' | 'a' | 'b' | 'c' | 'd'
type Range = { from: number; until: number; parts: number; width: number }

export const getUsageHistory: Operation<UsageInput, UsageHistory> = async (context, input) => {
  const chosen = chooseRecords(input)
  const range = await readRange(context, input, chosen)
  const { rows } = await askAll(chosen, range).execute(context.db)
  const { card } = await readRates(context.db)
  const of = (what: string): Row[] => rows.filter((row) => row.what === what)
  return {
    from: range.from,
    until: range.until,
    parts: readParts(of('part'), range),
    total: readTotal(of('part'), of('total')),
    currency: card.rates.length > 0 ? card.currency : null,
    waited: readSpread(of('waited')),
    ran: readSpread(of('ran')),
    members: await nameMembers(context, readGroups(of('member'))),
    places: readGroups(of('place')),
    gpus: readGroups(of('gpu')),
    use: { time: readShare(of('time')), gpus: readShare(of('busy')), memory: readShare(of('memory')) },
    causes: of('cause').map(({ name, jobs }) => ({ cause: name ?? 'unknown', jobs: Number(jobs) })),
  }
}

/** Which records are counted; archived jobs are. */
function chooseRecords({ query: { project, target, from, until }, onlyUid }: UsageInput): RawBuilder<unknown> {
  const conditions = [
    sql`ended_ms < ${until}`,
    ...(from === undefined ? [] : [sql`ended_ms >= ${from}`]),
    ...(project === undefined ? [] : [sql`project = ${project}`]),
    ...(target === undefined ? [] : [sql`target = ${target}`]),
    ...(onlyUid === null ? [] : [sql`job_id in (select id from job where uid = ${onlyUid})`]),
  ]
  return sql`select * from job_record where ${sql.join(conditions, sql` and `)}`
}

async function readRange({ db }: StorageContext, { query }: UsageInput, chosen: RawBuilder<unknown>): Promise<Range> {
  const { until, parts } = query
  const first =
    query.from ??
    (await sql<{ first: number | string | null }>`select min(ended_ms) as first from (${chosen}) as one`.execute(db))
      .rows[0]?.first
  const from = Math.min(Number(first ?? until - parts), until - 1)
  return { from, until, parts, width: Math.max(1, Math.ceil((until - from) / parts)) }
}

/** Numbers stand in its text: parameters of SQLite are no integers, which divide without rest, and PostgreSQL groups by none. */
function askAll(chosen: RawBuilder<unknown>, { from, width }: Range): RawBuilder<Row> {
  const part = sql`(ended_ms - ${sql.lit(from)}) / ${sql.lit(width)}`
  const hours = sql`coalesce(ran_ms, 0)`
  const sums = sql`count(*) as jobs, sum(case when state = 'failed' then 1 else 0 end) as a, sum(${hours}) as b,
    sum(${hours} * gpus) as c, sum(${hours} * coalesce(hour_cost, 0)) as d`
  const group = (what: string, name: RawBuilder<unknown>) =>
    sql`select * from (select ${sql.lit(what)} as what, ${name} as name, null as state, ${sums}
      from chosen group by ${name} order by c desc, b desc, jobs desc limit ${sql.lit(groupsMax)}) as ${sql.ref(`by_${what}`)}`
  const nth = (column: RawBuilder<unknown>, place: RawBuilder<unknown>) =>
    sql`(select ${column} from chosen where ${column} is not null order by ${column}
      limit 1 offset (select case when count(${column}) = 0 then 0 else ${place} - 1 end from chosen))`
  const spread = (what: string, column: RawBuilder<unknown>) =>
    sql`select ${sql.lit(what)}, null, null, count(${column}), ${nth(column, sql`(count(${column}) + 1) / 2`)},
      ${nth(column, sql`(9 * count(${column}) + 9) / 10`)}, null, null from chosen`
  const share = (what: string, used: RawBuilder<unknown>, asked: RawBuilder<unknown>) =>
    sql`select ${sql.lit(what)}, null, null, count(*), sum(${used}), sum(${asked}), null, null
      from chosen where ${used} is not null and ${asked} > 0`
  const place = sql`case when partition_name is null then target else target || '/' || partition_name end`
  return sql<Row>`with chosen as materialized (${chosen})
    ${group('member', sql`cast(owner_id as text)`)}
    union all ${group('place', place)}
    union all ${group('gpu', sql`gpu_kind`)}
    union all select 'part', cast(${part} as text), state, count(*), null, null, null, null from chosen group by ${part}, state
    union all select 'total', null, null, count(*), sum(case when hour_cost is null then ${hours} else 0 end),
      sum(${hours}), sum(${hours} * gpus), sum(${hours} * coalesce(hour_cost, 0)) from chosen
    union all ${spread('waited', sql`waited_ms`)}
    union all ${spread('ran', sql`ran_ms`)}
    union all ${share('time', sql`last_ms`, sql`asked_ms`)}
    union all ${share('busy', sql`busy * last_ms * gpus`, sql`last_ms * gpus`)}
    union all ${share('memory', sql`peak_bytes`, sql`asked_bytes`)}
    union all select 'cause', cause, null, jobs, null, null, null, null
      from (select cause, count(*) as jobs from chosen where cause is not null
        group by cause order by jobs desc, cause limit ${sql.lit(causesMax)}) as by_cause`
}

function readParts(rows: readonly Row[], { from, parts, width }: Range): UsageHistory['parts'] {
  const list = Array.from({ length: parts }, (_, at) => ({ at: from + at * width, ...noJobs }))
  for (const row of rows) {
    const one = list[Math.min(parts - 1, Number(row.name))]
    const state = endStates.find((known) => known === row.state)
    if (one && state) one[state] += Number(row.jobs)
  }
  return list
}

const noJobs = { completed: 0, failed: 0, cancelled: 0, lost: 0 }

function readTotal(parts: readonly Row[], [total]: readonly Row[]): UsageHistory['total'] {
  const counts = { ...noJobs }
  for (const { state, jobs } of parts) {
    const known = endStates.find((one) => one === state)
    if (known) counts[known] += Number(jobs)
  }
  const [unpricedHours = 0, hours = 0, gpuHours = 0, cost = 0] = [total?.a, total?.b, total?.c, total?.d].map(
    (sum) => Number(sum ?? 0) / hourMs,
  )
  return { ...counts, jobs: Number(total?.jobs ?? 0), hours, gpuHours, cost, unpricedHours }
}

function readSpread([row]: readonly Row[]): UsageHistory['ran'] {
  const read = (value: number | string | null | undefined): number | null =>
    value === null || value === undefined ? null : Number(value)
  return { jobs: Number(row?.jobs ?? 0), median: read(row?.a), p90: read(row?.b) }
}

function readShare([row]: readonly Row[]): UsageHistory['use']['time'] {
  const jobs = Number(row?.jobs ?? 0)
  return { jobs, share: jobs === 0 ? null : Number(row?.a) / Number(row?.b) }
}

function readGroups(rows: readonly Row[]): UsageGroup[] {
  return rows.map(({ name, jobs, a, b, c, d }) => ({
    name,
    jobs: Number(jobs),
    failed: Number(a),
    hours: Number(b) / hourMs,
    gpuHours: Number(c) / hourMs,
    cost: Number(d) / hourMs,
  }))
}

async function nameMembers({ db }: StorageContext, groups: readonly UsageGroup[]): Promise<UsageGroup[]> {
  const members = await db.selectFrom('member').select(['id', 'name']).execute()
  const names = new Map(members.map(({ id, name }) => [String(id), name]))
  return groups.map((group) => ({ ...group, name: names.get(group.name ?? '') ?? null }))
}
