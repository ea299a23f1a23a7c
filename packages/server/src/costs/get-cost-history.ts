/** What was spent, part by part: the database adds up attempts that start in one part and end in another, and they are shared out here. */
import {
  type CostAmounts,
  type CostGroup,
  type CostGrouping,
  type CostHistory,
  PilothouseError,
  type costHistoryQuery,
  limits,
} from '@pilothouse/contract'
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { type MachineCost, listMachineCosts } from './machine-costs.ts'

type Query = z.output<typeof costHistoryQuery>
/** ms; `from` is the begin of the first part, each is `width` long. */
type Range = { from: number; until: number; width: number; parts: number }

const hourMs = 3_600_000
const widths = { hour: hourMs, day: 24 * hourMs } as const
const minuteMs = 60_000

/** @throws PilothouseError `invalid` for a range of too many parts */
export const getCostHistory: Operation<Query, CostHistory> = async (context, query) => {
  const range = readRange(query)
  const found = new Groups(range)
  for (const row of await sumAttempts(context, query.by, range)) found.addAttempts(row)
  for (const row of await listMachineCosts(context, range)) found.addMachine(query.by, row)
  const groups = found.list()
  return {
    by: query.by,
    starts: Array.from({ length: range.parts }, (_, at) => range.from + at * range.width),
    until: range.from + range.parts * range.width,
    groups,
    currencies: found.sumCurrencies(),
    unpricedHours: groups.reduce((sum, { currency, hours }) => sum + (currency === null ? hours : 0), 0),
  }
}

function readRange({ from, until, part, offsetMinutes }: Query): Range {
  const [width, offset] = [widths[part], offsetMinutes * minuteMs]
  const first = Math.floor((from + offset) / width) * width - offset
  const parts = Math.ceil((until - first) / width)
  if (parts > limits.historyPartsMax)
    throw new PilothouseError('invalid', `These are ${parts} parts, and ${limits.historyPartsMax} may be asked for.`, {
      field: 'from',
      hint: part === 'hour' ? 'Ask for days, or for a shorter time.' : 'Ask for a shorter time.',
    })
  return { from: first, until, width, parts }
}

/** Attempts with all that is asked of them in common: their weights, and the same times when they started and ended, ms of the range. */
type Attempts = {
  name: string | null
  currency: string | null
  firstPart: number
  lastPart: number
  time: Weighted
  cost: Weighted
}
type Weighted = { weight: number; started: number; ended: number }

const columns: Record<CostGrouping, RawBuilder<string | null>> = {
  project: sql`job.project`,
  member: sql`(select member.name from member where member.id = job.owner_id)`,
  target: sql`job.target`,
  kind: sql`job.kind`,
}

async function sumAttempts(context: StorageContext, by: CostGrouping, range: Range): Promise<Attempts[]> {
  const {
    db,
    sql: { kind },
    now,
  } = context
  const [larger, smaller] = (kind === 'sqlite' ? ['max', 'min'] : ['greatest', 'least']).map((name) => sql.raw(name))
  const first = sql<number>`(${larger}(attempt.started_ms, ${range.from}) - ${range.from})`
  const end = sql`coalesce(attempt.ended_ms, ${now()})`
  const last = sql<number>`(${smaller}(${end}, ${range.until}) - ${range.from})`
  // Parameters of SQLite are no integers, which divide without rest.
  const partOf = (moment: RawBuilder<number>) =>
    sql<number | string>`cast(${moment} as bigint) / ${sql.lit(range.width)}`
  const within = db
    .selectFrom('job')
    .crossJoin('attempt')
    .whereRef('attempt.job_id', '=', 'job.id')
    .select([columns[by].as('name'), 'job.hour_cost', 'job.hour_currency'])
    .select([first.as('first'), last.as('last'), partOf(first).as('first_part'), partOf(last).as('last_part')])
    .where('attempt.started_ms', '<', range.until)
    .where((eb) => eb.or([eb('attempt.ended_ms', 'is', null), eb('attempt.ended_ms', '>', range.from)]))
  const rows = await db
    .selectFrom(within.as('spent'))
    .select(['name', 'hour_currency', 'first_part', 'last_part'])
    .select([
      sql<number | string>`count(*)`.as('time'),
      sql<number | string>`sum(first)`.as('time_started'),
      sql<number | string>`sum(last)`.as('time_ended'),
      sql<number | string>`sum(coalesce(hour_cost, 0))`.as('cost'),
      sql<number | string>`sum(coalesce(hour_cost, 0) * first)`.as('cost_started'),
      sql<number | string>`sum(coalesce(hour_cost, 0) * last)`.as('cost_ended'),
    ])
    .where(sql<boolean>`last > first`)
    .groupBy(['name', 'hour_currency', 'first_part', 'last_part'])
    .execute()
  return rows.map((row) => ({
    name: row.name,
    currency: row.hour_currency,
    firstPart: Number(row.first_part),
    lastPart: Number(row.last_part),
    time: { weight: Number(row.time), started: Number(row.time_started), ended: Number(row.time_ended) },
    cost: { weight: Number(row.cost), started: Number(row.cost_started), ended: Number(row.cost_ended) },
  }))
}

/** Groups as they come together. */
class Groups {
  readonly #range: Range
  readonly #groups = new Map<string, CostGroup>()
  readonly #currencies = new Map<string, CostHistory['currencies'][number]>()

  constructor(range: Range) {
    this.#range = range
  }

  addAttempts(row: Attempts): void {
    const { parts, width } = this.#range
    const group = this.#group(row.name, row.currency)
    const last = Math.min(row.lastPart, parts - 1)
    for (let at = row.firstPart; at <= last; at += 1) {
      const share = ({ weight, started, ended }: Weighted): number => {
        const from = at === row.firstPart ? started : at * width * weight
        const until = at === last ? ended : (at + 1) * width * weight
        return (until - from) / hourMs
      }
      const hours = share(row.time)
      group.hours += hours
      this.#add(group, { at, source: 'rated', amount: share(row.cost), hours })
    }
  }

  addMachine(by: CostGrouping, { from, until, currency, amount, source, ...names }: MachineCost): void {
    const { from: start, width, parts } = this.#range
    const group = this.#group(by === 'kind' ? 'rented machine' : names[by], currency)
    for (let at = Math.max(0, Math.floor((from - start) / width)); at < parts; at += 1) {
      const [begin, end] = [Math.max(from, start + at * width), Math.min(until, start + (at + 1) * width)]
      if (end <= begin) break
      this.#add(group, { at, source, amount: (amount * (end - begin)) / (until - from), hours: 0 })
    }
  }

  list(): CostGroup[] {
    const rank = ({ currency }: CostGroup): number => (currency === null ? 1 : 0)
    return [...this.#groups.values()].toSorted(
      (one, other) => rank(one) - rank(other) || other.total - one.total || other.hours - one.hours,
    )
  }

  sumCurrencies(): CostHistory['currencies'] {
    return [...this.#currencies.values()].toSorted((one, other) => other.total - one.total)
  }

  #add(
    group: CostGroup,
    { at, source, amount, hours }: { at: number; source: keyof CostAmounts; amount: number; hours: number },
  ): void {
    group.amounts[source] += amount
    group.total += amount
    group.parts[at] = (group.parts[at] ?? 0) + amount
    if (group.currency === null) return
    const sum = this.#currency(group.currency)
    const part = sum.parts[at]
    if (part) part[source] += amount
    sum.amounts[source] += amount
    sum.total += amount
    sum.pricedHours += hours
  }

  #group(name: string | null, currency: string | null): CostGroup {
    const key = JSON.stringify([name, currency])
    const parts = Array.from({ length: this.#range.parts }, () => 0)
    const group = this.#groups.get(key) ?? { name, currency, hours: 0, amounts: nothing(), total: 0, parts }
    this.#groups.set(key, group)
    return group
  }

  #currency(currency: string): CostHistory['currencies'][number] {
    const known = this.#currencies.get(currency)
    if (known) return known
    const parts = Array.from({ length: this.#range.parts }, nothing)
    const fresh = { currency, amounts: nothing(), total: 0, parts, pricedHours: 0 }
    this.#currencies.set(currency, fresh)
    return fresh
  }
}

function nothing(): CostAmounts {
  return { rated: 0, estimate: 0, charged: 0 }
}
