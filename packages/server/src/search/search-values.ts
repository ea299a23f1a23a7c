/** Names and values that jobs are searched and sorted by, for completion and for the columns of a table. */
import {
  type SearchKeysAnswer,
  type SearchValuesAnswer,
  type searchKeysQuery,
  type searchValuesQuery,
  valueKinds,
} from '@pilothouse/contract'
import { type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import { escapeLike, valueColumn } from '../jobs/search-conditions.ts'
import type { Operation } from '../storage/operation.ts'

/** Names that hold some letters, those that begin with them first. */
export const listSearchKeys: Operation<z.output<typeof searchKeysQuery>, SearchKeysAnswer> = async (
  { db },
  { search, kind, limit },
) => {
  const letters = escapeLike(search)
  const begins = sql<SqlBool>`lower(key) like lower(${`${letters}%`}) escape '\\'`
  const keys = await db
    .selectFrom('value_key')
    .select(['kind', 'key'])
    .$if(kind !== undefined, (builder) => builder.where('kind', '=', kind ?? 'metric'))
    .where(sql<SqlBool>`lower(key) like lower(${`%${letters}%`}) escape '\\'`)
    .orderBy(sql`case when ${begins} then 0 else 1 end`)
    .orderBy('key')
    .orderBy('kind')
    .limit(limit)
    .execute()
  return { keys }
}

/** Some values of some jobs. */
export const readSearchValues: Operation<z.output<typeof searchValuesQuery>, SearchValuesAnswer> = async (
  { db },
  { uid: uids = [], value: names = [] },
) => {
  const wanted = names.map(splitName)
  const values: SearchValuesAnswer['values'] = Object.fromEntries(uids.map((uid) => [uid, wanted.map(() => null)]))
  if (uids.length === 0 || wanted.length === 0) return { values }
  const keys = [...new Set(wanted.map(({ key }) => key))]
  const rows = await db
    .selectFrom('job')
    .innerJoin('job_value', 'job_value.job_id', 'job.id')
    .innerJoin('value_key', 'value_key.id', 'job_value.key_id')
    .select(['job.uid', 'value_key.kind', 'value_key.key'])
    .select(['job_value.number', 'job_value.low', 'job_value.high', 'job_value.word'])
    .where('job.uid', 'in', uids)
    .where('job_value.key_id', 'in', (eb) => eb.selectFrom('value_key').select('id').where('key', 'in', keys))
    .execute()
  for (const row of rows) {
    const found = values[row.uid]
    if (!found) continue
    wanted.forEach(({ kind, key, column }, at) => {
      if (kind === row.kind && key === row.key) found[at] = row[column] ?? row.word
    })
  }
  return { values }
}

function splitName(name: string) {
  const of = valueKinds.find((kind) => name.startsWith(`${kind}:`)) ?? 'metric'
  const kind = of === 'config' || of === 'summary' ? of : 'metric'
  return { kind, key: name.slice(of.length + 1), column: valueColumn(of) }
}
