/** Engines that are started from here, in the storage. Each is written together with the job that it runs as, or the engine. */
import {
  type LaunchSpec,
  limits,
  PilothouseError,
  type Serving,
  type ServingKind,
  type TargetKind,
} from '@pilothouse/contract'
import type { Kysely, Updateable } from 'kysely'
import { checkName, createEngine } from '../engines/engine-operations.ts'
import { mayWrite } from '../jobs/job-access.ts'
import { createLaunches, type NewLaunch } from '../launches/launch-operations.ts'
import type { ServingTable } from '../storage/batch-tables.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { type KeptServing, nowhere, selectServings, toKeptServing, toServing } from './serving-rows.ts'

/** What one try runs as. */
type Try = { launch: NewLaunch; target: TargetKind; port: number }
export type NewServing = {
  memberId: number
  name: string
  modelName: string
  kind: ServingKind
  spec: LaunchSpec
  path: string
  sourceUid: string | null
  checkpointId: number | null
  sealedKey: string
  idleMinutes: number | null
}

const openStates = ['starting', 'ready', 'stopping'] as const

const listServings: Operation<null, { servings: Serving[] }> = async ({ db }) => {
  const open = await selectServings(db).where('serving.state', 'in', openStates).execute()
  const ended = await selectServings(db)
    .where('serving.state', 'not in', openStates)
    .orderBy('serving.id', 'desc')
    .limit(limits.servingsEndedMax)
    .execute()
  return { servings: [...open, ...ended].map(toServing).toSorted((a, b) => b.id - a.id) }
}

const listOpen: Operation<null, KeptServing[]> = async ({ db }) => {
  const rows = await selectServings(db).where('serving.state', 'in', openStates).orderBy('serving.id').execute()
  return rows.map(toKeptServing)
}

/** The sealed key of what a job serves; null: it serves nothing. */
const findKey: Operation<{ uid: string }, string | null> = async ({ db }, { uid }) => {
  const row = await db.selectFrom('serving').select('sealed_key').where('job_uid', '=', uid).executeTakeFirst()
  return row?.sealed_key ?? null
}

/** @throws PilothouseError `conflict` for a name that another has, or at a bound */
const createServing: Operation<NewServing & Try, Serving> = async (context, input) => {
  const { db, now } = context
  const { memberId, launch, target, port } = input
  await checkName(db, input.name, null)
  await checkFree(db, input.name)
  await forgetOld(db)
  await launchOne(context, memberId, { launch, target })
  const { id } = await db
    .insertInto('serving')
    .values({
      owner_id: memberId,
      name: input.name,
      model_name: input.modelName,
      kind: input.kind,
      spec: JSON.stringify(input.spec),
      path: input.path,
      source_uid: input.sourceUid,
      checkpoint_id: input.checkpointId,
      job_uid: launch.uid,
      port,
      tries: 1,
      sealed_key: input.sealedKey,
      state: 'starting',
      idle_minutes: input.idleMinutes,
      created_ms: now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return readServing(db, id)
}

/** Another try, with another port. */
const retryServing: Operation<{ id: number } & Try, null> = async (context, { id, launch, target, port }) => {
  const { db } = context
  const { owner_id, state, tries } = await readRow(db, id)
  if (state !== 'starting') return null
  await launchOne(context, owner_id, { launch, target })
  await patch(db, id, { job_uid: launch.uid, port, tries: tries + 1 })
  return null
}

/** It answers: from now on it is an engine. @returns its id; null: somebody wants it to stop @throws PilothouseError `conflict` */
const noteReady: Operation<{ id: number; baseUrl: string }, number | null> = async (context, { id, baseUrl }) => {
  const { db, now } = context
  const row = await readRow(db, id)
  if (row.state !== 'starting') return null
  const engine = await createEngine(context, {
    memberId: row.owner_id,
    name: row.name,
    baseUrl,
    sealedKey: row.sealed_key,
    concurrencyMax: null,
    models: null,
    prices: [],
    isPaused: false,
  })
  await patch(db, id, { state: 'ready', engine_id: engine.id, ready_ms: now() })
  return engine.id
}

/** Where it is reached now; null: nowhere. */
const moveServing: Operation<{ id: number; baseUrl: string | null }, null> = async ({ db, now }, { id, baseUrl }) => {
  const { engine_id: engineId } = await readRow(db, id)
  if (engineId === null) return null
  const change = { base_url: baseUrl ?? nowhere, changed_ms: now() }
  await db.updateTable('engine').set(change).where('id', '=', engineId).execute()
  return null
}

/** No connection stands yet: what listens now where one led to may be anybody. */
const closeWays: Operation<null, null> = async ({ db, now }) => {
  const rows = await selectServings(db).where('serving.state', '=', 'ready').execute()
  const far = rows.flatMap((row) => (row.engine_id === null || row.target_kind === 'local' ? [] : row.engine_id))
  if (far.length === 0) return null
  await db.updateTable('engine').set({ base_url: nowhere, changed_ms: now() }).where('id', 'in', far).execute()
  return null
}

const noteUse: Operation<{ id: number; at: number }, null> = async ({ db }, { id, at }) => {
  await patch(db, id, { used_ms: at })
  return null
}

/**
 * It gets no more requests, and its job is to be cancelled. One that stops already, or has ended, stays as it is.
 * @param input.actor null: the control room itself
 * @throws PilothouseError `notFound`, also for somebody else's
 */
const stopServing: Operation<{ id: number; actor: Actor | null; trouble: string | null }, Serving> = async (
  { db },
  { id, actor, trouble },
) => {
  const row = await readRow(db, id)
  if (actor !== null && !mayWrite(actor, { uid: row.job_uid, owner_id: row.owner_id })) throw notFound(id)
  if (row.state !== 'starting' && row.state !== 'ready') return toServing(row)
  await forgetEngine(db, row)
  await patch(db, id, { state: 'stopping', trouble, engine_id: null })
  return readServing(db, id)
}

/** Its job is over. */
const endServing: Operation<{ id: number; state: 'stopped' | 'failed'; trouble: string | null }, null> = async (
  { db, now },
  { id, state, trouble },
) => {
  const row = await readRow(db, id)
  await forgetEngine(db, row)
  await patch(db, id, { state, trouble, engine_id: null, ended_ms: now() })
  return null
}

export const servingOperations = {
  'servings.close-ways': closeWays,
  'servings.create': createServing,
  'servings.end': endServing,
  'servings.find-key': findKey,
  'servings.list': listServings,
  'servings.move': moveServing,
  'servings.open': listOpen,
  'servings.ready': noteReady,
  'servings.retry': retryServing,
  'servings.stop': stopServing,
  'servings.use': noteUse,
}
export const servingReads = ['servings.find-key', 'servings.list', 'servings.open'] as const

async function launchOne(
  context: StorageContext,
  memberId: number,
  { launch, target }: Pick<Try, 'launch' | 'target'>,
): Promise<void> {
  await createLaunches(context, { memberId, key: null, group: null, target, script: null, launches: [launch] })
}

async function readRow(db: Kysely<Tables>, id: number) {
  const row = await selectServings(db).where('serving.id', '=', id).executeTakeFirst()
  if (row) return row
  throw notFound(id)
}

async function readServing(db: Kysely<Tables>, id: number): Promise<Serving> {
  return toServing(await readRow(db, id))
}

async function patch(db: Kysely<Tables>, id: number, values: Updateable<ServingTable>): Promise<void> {
  await db.updateTable('serving').set(values).where('id', '=', id).execute()
}

async function forgetEngine(db: Kysely<Tables>, { engine_id: id }: { engine_id: number | null }): Promise<void> {
  if (id !== null) await db.deleteFrom('engine').where('id', '=', id).execute()
}

/** Another that is not an engine yet may become one of this name. */
async function checkFree(db: Kysely<Tables>, name: string): Promise<void> {
  const other = await db
    .selectFrom('serving')
    .select('id')
    .where('name', '=', name)
    .where('state', 'in', openStates)
    .executeTakeFirst()
  if (!other) return
  throw new PilothouseError('conflict', `An engine called «${name}» is being started or stopped.`, {
    field: 'name',
    hint: 'Choose another name, or wait until it has stopped.',
  })
}

/** Of those that ended only the last are kept. */
async function forgetOld(db: Kysely<Tables>): Promise<void> {
  const last = await db
    .selectFrom('serving')
    .select('id')
    .where('state', 'not in', openStates)
    .orderBy('id', 'desc')
    .offset(limits.servingsEndedMax)
    .limit(1)
    .executeTakeFirst()
  if (!last) return
  await db.deleteFrom('serving').where('state', 'not in', openStates).where('id', '<=', last.id).execute()
}

function notFound(id: number): PilothouseError {
  return new PilothouseError('notFound', `There is no engine ${id} that you have started.`, { field: 'id' })
}
