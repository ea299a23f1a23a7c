/**
 * Sorting of the list in stages: what has a value in its order, then what has none, by id alone. Most sortings have one
 * stage; a setting that is a number here and a word there has both, the numbers first.
 */
import { type ValueKind, type jobQuery, jobStates, valueKinds } from '@pilothouse/contract'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import { spentCost } from '../rates/spent-time.ts'
import { valueColumn, valueKey } from './search-conditions.ts'

type Sort = z.output<typeof jobQuery>['sort']
type ColumnSort = Exclude<Sort, `${ValueKind}:${string}`>

export type SortStage = {
  /** Never null for the jobs of this stage. */
  value: RawBuilder<number | string>
  /** Which jobs belong to it; absent: all. */
  holds?: RawBuilder<SqlBool>
  /** The value stands in a row of `job_value` with this key. */
  key?: RawBuilder<number>
}

/** @param now up to when the durations of running jobs count, ms. */
export function listStages(sort: Sort, now: number): SortStage[] {
  const of = valueKinds.find((kind) => sort.startsWith(`${kind}:`))
  if (of === undefined) return columnStages(sort as ColumnSort, now) // all others begin with one of these kinds
  const key = valueKey({ of, key: sort.slice(of.length + 1) })
  const column = sql.ref<number>(`job_value.${valueColumn(of)}`)
  const isMetric = of !== 'config' && of !== 'summary'
  const words: SortStage[] = isMetric
    ? []
    : [{ value: sql.ref<string>('job_value.word'), holds: sql`job_value.word is not null`, key }]
  const known = isMetric ? sql`${sql.ref(valueColumn(of))} is not null` : sql`1 = 1`
  const holds = sql<SqlBool>`job.id not in (select job_id from job_value where key_id = ${key} and ${known})`
  return [{ value: column, holds: sql`${column} is not null`, key }, ...words, { value: nothing, holds }]
}

/** A bare number would be the number of a column. */
const nothing = sql<number>`(0 + 0)`

function columnStages(sort: ColumnSort, now: number): SortStage[] {
  switch (sort) {
    case 'created':
      return [{ value: sql`job.created_ms` }]
    case 'name':
      return [{ value: sql`job.name` }]
    case 'project':
      return [{ value: sql`job.project` }]
    case 'heard':
      return [{ value: sql`coalesce(job.heard_ms, 0)` }]
    case 'duration':
      return [{ value: sql`coalesce(coalesce(job.ended_ms, ${now}) - job.started_ms, -1)` }]
    case 'cost':
      return [
        { value: sql<number>`${spentCost(now)}`, holds: sql`job.hour_cost is not null` },
        { value: nothing, holds: sql`job.hour_cost is null` },
      ]
    case 'state':
      return [
        {
          value: sql`case job.state ${sql.raw(jobStates.map((state, at) => `when '${state}' then ${at}`).join(' '))} end`,
        },
      ]
    case 'started':
    case 'ended':
      return nullable(sql.ref<number>(`job.${sort}_ms`))
    case 'model':
    case 'dataset':
    case 'target':
      return nullable(sql.ref<string>(`job.${sort}`))
    default:
      return sort satisfies never
  }
}

function nullable(column: RawBuilder<number | string>): SortStage[] {
  return [
    { value: column, holds: sql`${column} is not null` },
    { value: nothing, holds: sql`${column} is null` },
  ]
}
