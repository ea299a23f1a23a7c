/** Engines as they are kept. Their keys arrive sealed and leave sealed: the storage never sees them. */
import { type Engine, type ModelPrice, PilothouseError, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

/** An engine without what is only known of it now. */
export type KeptEngine = Omit<Engine, 'health' | 'figures' | 'hasKey'> & { sealedKey: string | null }

export type EngineValues = {
  name: string
  baseUrl: string
  sealedKey: string | null
  concurrencyMax: number | null
  /** null: it is asked for them. */
  models: readonly string[] | null
  prices: readonly ModelPrice[]
  isPaused: boolean
}

/** Absent = unchanged. */
export type EngineChange = { [Name in keyof EngineValues]?: EngineValues[Name] | undefined }

const listEngines: Operation<null, KeptEngine[]> = async ({ db }) => {
  const rows = await selectEngines(db).orderBy('engine.name').orderBy('engine.id').execute()
  return rows.map(toEngine)
}

/** @throws PilothouseError `conflict` at the bound, or for a name that another has. */
export const createEngine: Operation<EngineValues & { memberId: number }, KeptEngine> = async (context, input) => {
  const { db, now } = context
  const { count } = await db
    .selectFrom('engine')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= limits.enginesMax) {
    throw new PilothouseError('conflict', `There are ${limits.enginesMax} engines, more are not kept.`, {
      hint: 'Delete one that nobody needs.',
    })
  }
  await checkName(db, input.name, null)
  const { models, areModelsGiven, ...values } = toColumns(input)
  const row = { ...values, models: models ?? '[]', are_models_given: areModelsGiven ?? 0, owner_id: input.memberId }
  const times = { created_ms: now(), changed_ms: now() }
  const { id } = await db
    .insertInto('engine')
    .values({ ...row, ...times })
    .returning('id')
    .executeTakeFirstOrThrow()
  return readEngine(db, id)
}

/** @throws PilothouseError `notFound`, or `conflict` for a name that another has. */
const editEngine: Operation<{ id: number; change: EngineChange }, KeptEngine> = async ({ db, now }, { id, change }) => {
  await readEngine(db, id)
  if (change.name !== undefined) await checkName(db, change.name, id)
  const { areModelsGiven, ...columns } = toColumns(change)
  const given = areModelsGiven === undefined ? {} : { are_models_given: areModelsGiven }
  await db
    .updateTable('engine')
    .set({ ...columns, ...given, changed_ms: now() })
    .where('id', '=', id)
    .execute()
  return readEngine(db, id)
}

/** The models that it listed; they are what is known while it does not answer. */
const noteModels: Operation<{ id: number; models: readonly string[] }, null> = async ({ db }, { id, models }) => {
  await db
    .updateTable('engine')
    .set({ models: JSON.stringify(models) })
    .where('id', '=', id)
    .where('are_models_given', '=', 0)
    .execute()
  return null
}

/** @throws PilothouseError `notFound`, or `conflict` for one that was started from here and runs. */
const deleteEngine: Operation<{ id: number }, null> = async ({ db }, { id }) => {
  const { name, serving } = await readEngine(db, id)
  if (serving)
    throw new PilothouseError('conflict', `The engine «${name}» was started from here.`, {
      hint: 'Stop it: then it is forgotten, too.',
    })
  await db.deleteFrom('engine').where('id', '=', id).execute()
  return null
}

/** @throws PilothouseError `notFound`. */
const getEngine: Operation<{ id: number }, KeptEngine> = async ({ db }, { id }) => readEngine(db, id)

export const engineOperations = {
  'engines.list': listEngines,
  'engines.get': getEngine,
  'engines.create': createEngine,
  'engines.edit': editEngine,
  'engines.note-models': noteModels,
  'engines.delete': deleteEngine,
}
export const engineReads = ['engines.list', 'engines.get'] as const

export async function checkName(db: Kysely<Tables>, name: string, own: number | null): Promise<void> {
  const other = await db.selectFrom('engine').select('id').where('name', '=', name).executeTakeFirst()
  if (!other || other.id === own) return
  throw new PilothouseError('conflict', `Another engine is called «${name}».`, {
    field: 'name',
    hint: 'Choose another name.',
  })
}

async function readEngine(db: Kysely<Tables>, id: number): Promise<KeptEngine> {
  const row = await selectEngines(db).where('engine.id', '=', id).executeTakeFirst()
  if (row) return toEngine(row)
  throw new PilothouseError('notFound', `There is no engine ${id}.`, { field: 'id' })
}

function selectEngines(db: Kysely<Tables>) {
  return db
    .selectFrom('engine')
    .leftJoin('member', 'member.id', 'engine.owner_id')
    .leftJoin('serving', 'serving.engine_id', 'engine.id')
    .selectAll('engine')
    .select(['member.name as owner_name', 'serving.id as serving_id', 'serving.source_uid', 'serving.checkpoint_id'])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectEngines>['execute']>>[number]

function toEngine(row: Row): KeptEngine {
  return {
    id: row.id,
    name: row.name,
    baseUrl: row.base_url,
    sealedKey: row.sealed_key,
    isPaused: row.is_paused === 1,
    concurrencyMax: row.concurrency_max,
    models: JSON.parse(row.models) as string[], // written here
    areModelsGiven: row.are_models_given === 1,
    prices: JSON.parse(row.prices) as ModelPrice[], // written here
    owner: { id: row.owner_id, name: row.owner_name ?? '' },
    createdAt: row.created_ms,
    changedAt: row.changed_ms,
    ...(row.serving_id === null
      ? {}
      : { serving: { id: row.serving_id, jobUid: row.source_uid, checkpointId: row.checkpoint_id } }),
  }
}

type Columns = {
  name: string
  base_url: string
  sealed_key: string | null
  concurrency_max: number | null
  models: string
  areModelsGiven: 0 | 1
  prices: string
  is_paused: 0 | 1
}

/** Models that were listed stay until they are listed anew, where nobody says any more which there are. */
function toColumns(values: EngineValues): Omit<Columns, 'models'> & Partial<Pick<Columns, 'models'>>
function toColumns(values: EngineChange): Partial<Columns>
function toColumns(values: EngineChange): Partial<Columns> {
  const { name, baseUrl, sealedKey, concurrencyMax, models, prices, isPaused } = values
  return {
    ...(name === undefined ? {} : { name }),
    ...(baseUrl === undefined ? {} : { base_url: baseUrl }),
    ...(sealedKey === undefined ? {} : { sealed_key: sealedKey }),
    ...(concurrencyMax === undefined ? {} : { concurrency_max: concurrencyMax }),
    ...(models === undefined ? {} : { areModelsGiven: models === null ? 0 : 1 }),
    ...(models === undefined || models === null ? {} : { models: JSON.stringify([...models].toSorted()) }),
    ...(prices === undefined ? {} : { prices: JSON.stringify(prices) }),
    ...(isPaused === undefined ? {} : { is_paused: isPaused ? 1 : 0 }),
  }
}
