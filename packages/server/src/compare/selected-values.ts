/** Values of many jobs at once, from what they are searched and sorted by. Each operation is a slice of some ms. */
import { type MetricDefinition, limits } from '@pilothouse/contract'
import { type JobFilters, listFilters } from '../jobs/job-filters.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation } from '../storage/operation.ts'

/** Of the newest jobs so many are asked what their scripts said of their metrics. */
const definingJobsMax = 20

type ChosenJobs = { total: number; ids: number[]; definitions: MetricDefinition[] }

/** The newest jobs that match. */
export const chooseJobs: Operation<JobFilters, ChosenJobs> = async ({ db, now }, filters) => {
  const at = now()
  const { count } = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where((eb) => eb.and(listFilters(eb, filters, at)))
    .executeTakeFirstOrThrow()
  const rows = await db
    .selectFrom('job')
    .select('job.id')
    .where((eb) => eb.and(listFilters(eb, filters, at)))
    .orderBy('job.created_ms', 'desc')
    .orderBy('job.id', 'desc')
    .limit(limits.influenceJobsMax)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return { total: 0, ids, definitions: [] }
  const said = await db
    .selectFrom('job_detail')
    .select('metrics')
    .where('job_id', 'in', ids)
    .where('metrics', 'is not', null)
    .orderBy('job_id', 'desc')
    .limit(definingJobsMax)
    .execute()
  const definitions = said.flatMap(({ metrics }) => parseJson<MetricDefinition[] | null>(metrics) ?? [])
  return { total: Number(count), ids, definitions }
}

/** One name over some jobs: how many have it, and two of its values, which are not the same where any differ. */
export type KeyCount = {
  id: number
  kind: 'metric' | 'config'
  key: string
  jobs: number
  numbers: number
  low: number | null
  high: number | null
  first: string | null
  last: string | null
}

export const countKeys: Operation<{ ids: readonly number[] }, KeyCount[]> = async ({ db }, { ids }) => {
  if (ids.length === 0) return []
  const counted = db
    .selectFrom('job_value')
    .select(({ fn }) => [
      'key_id',
      fn.countAll<number>().as('jobs'),
      fn.count<number>('number').as('numbers'),
      fn.min('number').as('low'),
      fn.max('number').as('high'),
      fn.min('word').as('first'),
      fn.max('word').as('last'),
    ])
    .where('job_id', 'in', ids)
    .groupBy('key_id')
  const rows = await db
    .selectFrom(counted.as('counted'))
    .innerJoin('value_key', 'value_key.id', 'counted.key_id')
    .select(['value_key.id', 'value_key.kind', 'value_key.key'])
    .select(['counted.jobs', 'counted.numbers', 'counted.low', 'counted.high', 'counted.first', 'counted.last'])
    .where('value_key.kind', 'in', ['metric', 'config'])
    .execute()
  return rows.map((row) => ({
    ...row,
    kind: row.kind === 'metric' ? 'metric' : 'config',
    jobs: Number(row.jobs),
    numbers: Number(row.numbers),
  }))
}

export type ColumnsInput = {
  keys: readonly number[]
  ids: readonly number[]
  of: 'number' | 'low' | 'high'
}
/** A column for each key, a value for each job; null where it has none. */
type Columns = (number | string | null)[][]

export const readColumns: Operation<ColumnsInput, Columns> = async ({ db }, { keys, ids, of }) => {
  const columns = keys.map((): Columns[number] => ids.map(() => null))
  if (keys.length === 0 || ids.length === 0) return columns
  const rows = await db
    .selectFrom('job_value')
    .select(['key_id', 'job_id', of, 'word'])
    .where('key_id', 'in', keys)
    .where('job_id', 'in', ids)
    .execute()
  const [places, jobs] = [placesOf(keys), placesOf(ids)]
  for (const row of rows) {
    const column = columns[places.get(row.key_id) ?? -1]
    const at = jobs.get(row.job_id)
    if (column && at !== undefined) column[at] = row[of] ?? row.word
  }
  return columns
}

function placesOf(ids: readonly number[]): Map<number, number> {
  return new Map(ids.map((id, at) => [id, at]))
}
