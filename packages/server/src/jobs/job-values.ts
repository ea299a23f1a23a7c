/** Writes what a job is searched and sorted by: only what differs from what is there. */
import { type JobState, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { StorageContext } from '../storage/operation.ts'
import type { JobValueTable, Tables, ValueKeyTable } from '../storage/tables.ts'
import { type LatestWire, readLatest } from '../telemetry/get-latest.ts'
import { flattenValues } from './flatten-values.ts'
import { parseJson } from './parse-json.ts'

/** Rows of one statement: six parameters each. */
const rowsMax = 400
/** Names that memory keeps; beyond, all of them are looked up again. */
const keptKeysMax = 100_000

type Kind = ValueKeyTable['kind']
type Value = Pick<JobValueTable, 'number' | 'low' | 'high' | 'word'>
type NamedValue = Value & { kind: Kind; key: string }
export type ValuedJob = {
  id: number
  state: JobState
  branch: number
  clock_offset_ms: number | null
  data_removed_ms: number | null
}

/** Ids of names, as far as they have been committed. */
export class ValueKeys {
  readonly #ids = new Map<string, number>()

  get(kind: Kind, key: string): number | undefined {
    return this.#ids.get(`${kind}\0${key}`)
  }

  keep(kind: Kind, key: string, id: number): void {
    if (this.#ids.size >= keptKeysMax) this.#ids.clear()
    this.#ids.set(`${kind}\0${key}`, id)
  }
}

/**
 * Brings the values of a job up to date. With `settings` its configuration and summary, too; what vanished from them goes.
 * Of a job whose data a rule of retention took, the metrics stay as they were.
 */
export async function writeJobValues(
  context: StorageContext,
  job: ValuedJob,
  { keys, settings }: { keys: ValueKeys; settings: boolean },
): Promise<void> {
  const { db } = context
  const metrics = job.data_removed_ms === null ? await listMetrics(context, job) : []
  const named = settings ? [...metrics, ...(await listSettings(db, job.id))] : metrics
  const before = await readValues(db, job.id)
  const wanted = new Map<number, Value>()
  for (const { kind, key, ...value } of named) wanted.set(await findKey(context, keys, { kind, key }), value)
  const changed = [...wanted].filter(([id, value]) => !isSame(before.get(id), value))
  for (let at = 0; at < changed.length; at += rowsMax) {
    const rows = changed.slice(at, at + rowsMax).map(([key_id, value]) => ({ key_id, job_id: job.id, ...value }))
    await db
      .insertInto('job_value')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['key_id', 'job_id']).doUpdateSet(({ ref }) => ({
          number: ref('excluded.number'),
          low: ref('excluded.low'),
          high: ref('excluded.high'),
          word: ref('excluded.word'),
        })),
      )
      .execute()
  }
  const gone = settings && job.data_removed_ms === null ? [...before.keys()].filter((id) => !wanted.has(id)) : []
  for (let at = 0; at < gone.length; at += rowsMax) {
    const ids = gone.slice(at, at + rowsMax)
    await db.deleteFrom('job_value').where('key_id', 'in', ids).where('job_id', '=', job.id).execute()
  }
}

async function listMetrics(context: StorageContext, job: ValuedJob): Promise<NamedValue[]> {
  const latest = await readLatest(context, job, { source: 'job', branch: undefined })
  return latest.slice(0, limits.jobValuesMax).map(toMetricValue)
}

function toMetricValue({ key, value, min, max }: LatestWire): NamedValue {
  return { kind: 'metric', key, number: toNumber(value), low: toNumber(min), high: toNumber(max), word: null }
}

/** What is no number is not found by numbers; infinities are beyond all others. */
function toNumber(value: LatestWire['value']): number | null {
  const number = Number(value)
  if (Number.isNaN(number)) return null
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, number))
}

async function listSettings(db: Kysely<Tables>, jobId: number): Promise<NamedValue[]> {
  const detail = await db
    .selectFrom('job_detail')
    .select(['config', 'summary'])
    .where('job_id', '=', jobId)
    .executeTakeFirst()
  if (!detail) return []
  return (['config', 'summary'] as const).flatMap((kind) =>
    flattenValues(parseJson<unknown>(detail[kind]), limits.jobValuesMax).map(({ key, number, word }) => ({
      kind,
      key,
      number,
      low: null,
      high: null,
      word,
    })),
  )
}

async function readValues(db: Kysely<Tables>, jobId: number): Promise<Map<number, Value>> {
  const rows = await db
    .selectFrom('job_value')
    .select(['key_id', 'number', 'low', 'high', 'word'])
    .where('job_id', '=', jobId)
    .execute()
  return new Map(rows.map(({ key_id, ...value }) => [key_id, value]))
}

function isSame(one: Value | undefined, other: Value): boolean {
  return (
    one !== undefined &&
    one.number === other.number &&
    one.low === other.low &&
    one.high === other.high &&
    one.word === other.word
  )
}

async function findKey(
  { db, changes }: StorageContext,
  keys: ValueKeys,
  { kind, key }: { kind: Kind; key: string },
): Promise<number> {
  const kept = keys.get(kind, key)
  if (kept !== undefined) return kept
  const found = await db
    .selectFrom('value_key')
    .select('id')
    .where('kind', '=', kind)
    .where('key', '=', key)
    .executeTakeFirst()
  const { id } =
    found ?? (await db.insertInto('value_key').values({ kind, key }).returning('id').executeTakeFirstOrThrow())
  // A key of a transaction that fails has no such id.
  changes.afterCommit.push(() => keys.keep(kind, key, id))
  return id
}
