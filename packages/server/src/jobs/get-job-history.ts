/** Statistics over time. With 10,000 jobs in the range: 28 ms, most of it for the hours of their attempts. */
import { type JobHistory, endStates, type jobHistoryQuery } from '@pilothouse/contract'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { readRates } from '../rates/rate-setting.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { listFilters } from './job-filters.ts'

type Query = z.output<typeof jobHistoryQuery>
type Part = JobHistory['parts'][number]
export type HistoryInput = { query: Query; onlyUid: string | null; memberId: number }
type Range = { from: number; until: number; parts: number }

const hourMs = 3_600_000

/** Jobs by outcome where they ended, hours where they were spent, of the jobs that match. Archived ones count. */
export const getJobHistory: Operation<HistoryInput, JobHistory> = async ({ db, now }, input) => {
  const { from, until, parts } = input.query
  const range = { from, until, parts }
  const ended = await countEnded(db, input, { range, now: now() })
  const attempts = await listAttempts(db, input, { range, now: now() })
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
  for (const attempt of attempts) {
    const hours = addHours(list, attempt, range)
    if (attempt.perHour === null) unpricedHours += hours
  }
  const { card } = await readRates(db)
  const total = { ...sumParts(list, timed === 0 ? null : durations / timed), unpricedHours }
  return { parts: list, total, currency: card.rates.length > 0 ? card.currency : null }
}

type Context = { range: Range; now: number }
type Ended = { part: number; state: (typeof endStates)[number]; count: number; taken: number; started: number }

async function countEnded(db: Kysely<Tables>, input: HistoryInput, { range, now }: Context): Promise<Ended[]> {
  const { from, until, parts } = range
  const since = sql`(job.ended_ms - ${Math.ceil(from)})`
  const width = Math.max(1, Math.floor((until - from) / parts))
  // Without a remainder both databases divide alike.
  const part = sql<number>`(${since} - ${since} % ${width}) / ${width}`
  const rows = await db
    .selectFrom('job')
    .select(['job.state', part.as('part')])
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.count<number>('job.started_ms').as('started'),
      sql<number | null>`sum(job.ended_ms - job.started_ms)`.as('taken'),
    ])
    .where('job.state', 'in', endStates)
    .where('job.ended_ms', '>=', Math.ceil(from))
    .where('job.ended_ms', '<', until)
    .where((eb) => eb.and(listFilters(eb, { ...input, withArchived: true }, now)))
    .groupBy(['job.state', 'part'])
    .execute()
  return rows.flatMap((row) => {
    const state = endStates.find((one) => one === row.state)
    if (state === undefined) return []
    const at = Math.min(parts - 1, Number(row.part))
    return [{ part: at, state, count: Number(row.count), taken: Number(row.taken ?? 0), started: Number(row.started) }]
  })
}

type Attempt = { started: number; ended: number; gpus: number; perHour: number | null }

async function listAttempts(db: Kysely<Tables>, input: HistoryInput, { range, now }: Context): Promise<Attempt[]> {
  const rows = await db
    .selectFrom('attempt')
    .innerJoin('job', 'job.id', 'attempt.job_id')
    .select(['attempt.started_ms', 'attempt.ended_ms', 'job.gpus', 'job.hour_cost'])
    .where('attempt.started_ms', '<', range.until)
    .where((eb) => eb.or([eb('attempt.ended_ms', 'is', null), eb('attempt.ended_ms', '>', range.from)]))
    .where((eb) => eb.and(listFilters(eb as never, { ...input, withArchived: true }, now))) // it has `job` as the lists have
    .execute()
  return rows.map(({ started_ms, ended_ms, gpus, hour_cost }) => ({
    started: started_ms ?? now,
    ended: ended_ms ?? now,
    gpus,
    perHour: hour_cost,
  }))
}

function emptyParts({ from, until, parts }: Range): Part[] {
  const width = (until - from) / parts
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

/** Shares the time of an attempt out to the parts in which it was spent; answers how many hours. Pure but for `list`. */
export function addHours(list: Part[], attempt: Attempt, { from, until, parts }: Range): number {
  const { started, ended, gpus, perHour } = attempt
  let total = 0
  const width = (until - from) / parts
  const [first, last] = [Math.max(from, started), Math.min(until, ended)]
  for (let at = Math.max(0, Math.floor((first - from) / width)); at < parts; at += 1) {
    const start = from + at * width
    if (start >= last) break
    const hours = Math.max(0, Math.min(last, start + width) - Math.max(first, start)) / hourMs
    const part = list[at]
    if (!part) break
    part.hours += hours
    part.gpuHours += hours * gpus
    part.cost += hours * (perHour ?? 0)
    total += hours
  }
  return total
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
