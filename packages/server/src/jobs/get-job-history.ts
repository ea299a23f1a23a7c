/** Statistics over time: the database adds up all that lies within one part of the range. */
import { type JobHistory, endStates, type jobHistoryQuery } from '@pilothouse/contract'
import type { SeriesDatabase } from '@pilothouse/series'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { readRates } from '../rates/rate-setting.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { listFilters } from './job-filters.ts'

type Query = z.output<typeof jobHistoryQuery>
type Part = JobHistory['parts'][number]
export type HistoryInput = { query: Query; onlyUid: string | null; memberId: number }
/** ms; the last part ends at `until`. */
type Range = { from: number; until: number; parts: number; width: number }

const hourMs = 3_600_000

/** Jobs by outcome where they ended, hours where they were spent, of the jobs that match. Archived ones count. */
export const getJobHistory: Operation<HistoryInput, JobHistory> = async ({ db, sql: { kind }, now }, input) => {
  const { from, until, parts } = input.query
  const width = Math.max(1, Math.floor((until - from) / parts))
  const range = { from: Math.ceil(from), until: Math.ceil(until), parts, width }
  const context = { range, now: now(), kind }
  const ended = await countEnded(db, input, context)
  const list = emptyParts(range)
  let [durations, timed] = [0, 0]
  for (const { part, state, count, taken, started } of ended) {
    const one = list[part]
    if (!one) continue
    one[state] += count
    if (state !== 'completed') continue
    durations += taken
    timed += started
    one.meanDurationMs = started === 0 ? null : taken / started
  }
  let unpricedHours = 0
  for (const attempts of await sumAttempts(db, input, context)) {
    addHours(list, attempts, range)
    unpricedHours += (attempts.unpriced.ended - attempts.unpriced.started) / hourMs
  }
  const { card } = await readRates(db)
  const total = { ...sumParts(list, timed === 0 ? null : durations / timed), unpricedHours }
  return { parts: list, total, currency: card.rates.length > 0 ? card.currency : null }
}

type Context = { range: Range; now: number; kind: SeriesDatabase['kind'] }
type Ended = { part: number; state: (typeof endStates)[number]; count: number; taken: number; started: number }

async function countEnded(db: Kysely<Tables>, input: HistoryInput, { range, now }: Context): Promise<Ended[]> {
  const { from, until, parts } = range
  const part = partOf(sql`job.ended_ms`, range)
  const rows = await db
    .selectFrom('job')
    .select(['job.state', part.as('part')])
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.count<number>('job.started_ms').as('started'),
      sql<number | null>`sum(job.ended_ms - job.started_ms)`.as('taken'),
    ])
    .where('job.state', 'in', endStates)
    .where('job.ended_ms', '>=', from)
    .where('job.ended_ms', '<', until)
    .where((eb) => eb.and(listFilters(eb, chosenBy(input), now)))
    .groupBy(['job.state', 'part'])
    .execute()
  return rows.flatMap((row) => {
    const state = endStates.find((one) => one === row.state)
    if (state === undefined) return []
    const at = Math.min(parts - 1, Number(row.part))
    return [{ part: at, state, count: Number(row.count), taken: Number(row.taken ?? 0), started: Number(row.started) }]
  })
}

/** In lists `until` says when jobs began to be; here it ends the range. */
function chosenBy(input: HistoryInput): Parameters<typeof listFilters>[1] {
  return { ...input, query: { ...input.query, until: undefined }, withArchived: true }
}

/** Number of the part that a moment of the range lies in. Parameters of SQLite are no integers, which divide without rest. */
function partOf(moment: RawBuilder<unknown>, { from, width }: Range): RawBuilder<number> {
  return sql`cast(${moment} - ${from} as bigint) / cast(${width} as bigint)`
}

/** What counts of an attempt: itself, its GPUs, its price of an hour, itself again when that is not known. */
const weights = {
  time: sql`1`,
  gpuTime: sql`gpus`,
  cost: sql`coalesce(hour_cost, 0)`,
  unpriced: sql`case when hour_cost is null then 1 else 0 end`,
} as const
type Weight = keyof typeof weights
const weightNames = Object.keys(weights) as Weight[] // they are its keys

/** Weights of some attempts added up, and the same times when they started and ended, ms from the start of the range. */
type Weighted = { weight: number; started: number; ended: number }
type Attempts = Record<Weight, Weighted> & { firstPart: number; lastPart: number }

/** Attempts that start in the same part of the range and end in the same, each cut to the range, as one. */
async function sumAttempts(
  db: Kysely<Tables>,
  input: HistoryInput,
  { range, now, kind }: Context,
): Promise<Attempts[]> {
  const [larger, smaller] = (kind === 'sqlite' ? ['max', 'min'] : ['greatest', 'least']).map((name) => sql.raw(name))
  const first = sql<number>`${larger}(coalesce(attempt.started_ms, ${now}), ${range.from})`
  const last = sql<number>`${smaller}(coalesce(attempt.ended_ms, ${now}), ${range.until})`
  const within = db
    .selectFrom('job')
    // Keeps SQLite to this order: all it needs of jobs is in one index, and looking them up one by one takes longer.
    .crossJoin('attempt')
    .whereRef('attempt.job_id', '=', 'job.id')
    .select(['job.gpus', 'job.hour_cost'])
    .select([sql<number>`${first} - ${range.from}`.as('first'), sql<number>`${last} - ${range.from}`.as('last')])
    .select([partOf(first, range).as('first_part'), partOf(last, range).as('last_part')])
    .where('attempt.started_ms', '<', range.until)
    .where((eb) => eb.or([eb('attempt.ended_ms', 'is', null), eb('attempt.ended_ms', '>', range.from)]))
    .where((eb) => eb.and(listFilters(eb as never, chosenBy(input), now))) // it has `job` as the lists have
  const rows = await db
    .selectFrom(within.as('spent'))
    .select(['first_part', 'last_part'])
    .select(
      weightNames.flatMap((name) => [
        sql<number>`sum(${weights[name]})`.as(`${name}_weight` as const),
        sql<number>`sum(${weights[name]} * first)`.as(`${name}_started` as const),
        sql<number>`sum(${weights[name]} * last)`.as(`${name}_ended` as const),
      ]),
    )
    .where(sql<boolean>`last > first`)
    .groupBy(['first_part', 'last_part'])
    .execute()
  return rows.map((row) => {
    const read = (name: Weight): Weighted => ({
      weight: Number(row[`${name}_weight`]),
      started: Number(row[`${name}_started`]),
      ended: Number(row[`${name}_ended`]),
    })
    const [time, gpuTime, cost, unpriced] = [read('time'), read('gpuTime'), read('cost'), read('unpriced')]
    const [firstPart, lastPart] = [Number(row.first_part), Number(row.last_part)]
    return { time, gpuTime, cost, unpriced, firstPart, lastPart }
  })
}

function emptyParts({ from, parts, width }: Range): Part[] {
  return Array.from({ length: parts }, (_, at) => ({
    at: from + at * width,
    completed: 0,
    failed: 0,
    cancelled: 0,
    lost: 0,
    hours: 0,
    gpuHours: 0,
    cost: 0,
    meanDurationMs: null,
  }))
}

/** Shares out the time of attempts to the parts in which it was spent. */
function addHours(list: Part[], attempts: Attempts, { parts, width }: Range): void {
  const [firstPart, lastPart] = [Math.min(attempts.firstPart, parts - 1), Math.min(attempts.lastPart, parts - 1)]
  for (let at = firstPart; at <= lastPart; at += 1) {
    const hours = ({ weight, started, ended }: Weighted): number => {
      const from = at === firstPart ? started : at * width * weight
      const until = at === lastPart ? ended : (at + 1) * width * weight
      return (until - from) / hourMs
    }
    const part = list[at]
    if (!part) continue
    part.hours += hours(attempts.time)
    part.gpuHours += hours(attempts.gpuTime)
    part.cost += hours(attempts.cost)
  }
}

function sumParts(list: readonly Part[], meanDurationMs: number | null): Omit<JobHistory['total'], 'unpricedHours'> {
  const sum = (read: (part: Part) => number): number => list.reduce((all, part) => all + read(part), 0)
  const [completed, failed, lost] = [
    sum((part) => part.completed),
    sum((part) => part.failed),
    sum((part) => part.lost),
  ]
  const decided = completed + failed + lost
  return {
    completed,
    failed,
    cancelled: sum((part) => part.cancelled),
    lost,
    hours: sum((part) => part.hours),
    gpuHours: sum((part) => part.gpuHours),
    cost: sum((part) => part.cost),
    meanDurationMs,
    successRate: decided === 0 ? null : completed / decided,
  }
}
