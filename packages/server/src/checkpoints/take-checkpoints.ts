/** Checkpoints that a job says it has written, and what it found of their files. */
import { type CheckpointEvent, type CheckpointFate, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { retireCopies } from '../copies/retire-copies.ts'
import { followPolicy } from './keep-policy.ts'
import { applyFate } from './apply-fate.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

type Place = { id: number; uid: string; attempt: number; branch: number }

/** Writes them down. The same name again is the same checkpoint, made anew: its tags and description stay. */
export async function takeCheckpoints(
  context: StorageContext,
  place: Place,
  events: readonly (CheckpointEvent & { atMs: number })[],
): Promise<void> {
  const { db, now, changes } = context
  for (const { at: _at, atMs, tookMs, command, covers, metrics, parameters, ...event } of events) {
    const asked = command === null ? undefined : await readAsked(db, place, command)
    const columns = {
      ...event,
      attempt: place.attempt,
      branch: place.branch,
      state: 'present' as const,
      state_reason: null,
      delete_ms: null,
      fault_ms: null,
      seen_ms: null,
      summed_ms: null,
      looked_ms: null,
      device: null,
      hidden_reason: null,
      hidden_ms: null,
      time_ms: atMs,
      took_ms: tookMs,
      covers: JSON.stringify(covers),
      metrics: JSON.stringify(metrics),
      parameters: JSON.stringify(parameters),
      command_id: command,
    }
    const { name: _name, description, ...renewed } = columns
    await db
      .insertInto('checkpoint')
      .values({
        ...columns,
        job_id: place.id,
        tags: JSON.stringify(asked?.tags ?? []),
        description: description ?? asked?.description ?? null,
        pinned: 0,
      })
      .onConflict((conflict) => conflict.columns(['job_id', 'name']).doUpdateSet(renewed))
      .execute()
    await retireOthers(db, { jobId: place.id, name: event.name, sha256: event.sha256 }, now())
  }
  if (events.length === 0) return
  await followPolicy(context, place)
  await dropOldCheckpoints(db, place.id)
  noteSteering(changes, place.uid, 'checkpoints')
}

/** A copy of what stood under this name before is none of what stands there now. */
async function retireOthers(
  db: Kysely<Tables>,
  { jobId, name, sha256 }: { jobId: number; name: string; sha256: string | null },
  nowMs: number,
): Promise<void> {
  const rows = await db
    .selectFrom('checkpoint')
    .innerJoin('checkpoint_copy', 'checkpoint_copy.checkpoint_id', 'checkpoint.id')
    .select(['checkpoint.id', 'checkpoint_copy.sha256'])
    .where('checkpoint.job_id', '=', jobId)
    .where('checkpoint.name', '=', name)
    .execute()
  const others = rows.filter((row) => row.sha256 !== sha256).map(({ id }) => id)
  await retireCopies(db, others, nowMs)
}

/** What was said of a checkpoint when it was asked for. */
async function readAsked(
  db: Kysely<Tables>,
  { id }: Place,
  command: number,
): Promise<{ description: string | null; tags: string[] } | undefined> {
  const row = await db
    .selectFrom('command')
    .select('body')
    .where('id', '=', command)
    .where('job_id', '=', id)
    .where('kind', '=', 'checkpoint')
    .executeTakeFirst()
  return row && (JSON.parse(row.body) as { description: string | null; tags: string[] }) // `giveCommand` wrote it
}

/** Writes down what became of files. */
export async function takeFates(
  { db, now, changes }: StorageContext,
  place: Place,
  fates: readonly CheckpointFate[],
): Promise<void> {
  for (const { name, state, reason } of fates) {
    const row = await db
      .selectFrom('checkpoint')
      .select(['id', 'state', 'fault_ms', 'hidden_ms'])
      .where('job_id', '=', place.id)
      .where('name', '=', name)
      .where('state', '<>', 'deleted')
      .executeTakeFirst()
    if (!row) continue
    const fate = { state, reason }
    // Its files are gone, and the control room has a copy, which stays: what a rule of a script deletes is not given up here.
    if (state === 'deleted' && (await hasCopy(db, row.id))) fate.state = 'missing'
    await db
      .updateTable('checkpoint')
      .set(applyFate(row, fate, now()))
      .where('id', '=', row.id)
      .execute()
  }
  if (fates.length > 0) noteSteering(changes, place.uid, 'checkpoints')
}

async function hasCopy(db: Kysely<Tables>, id: number): Promise<boolean> {
  const row = await db
    .selectFrom('checkpoint_copy')
    .select('id')
    .where('checkpoint_id', '=', id)
    .where('state', '=', 'copied')
    .executeTakeFirst()
  return row !== undefined
}

/** Beyond the bound those go that are deleted, then the oldest. */
async function dropOldCheckpoints(db: Kysely<Tables>, jobId: number): Promise<void> {
  const { count } = await db
    .selectFrom('checkpoint')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow()
  if (count <= limits.jobCheckpointsMax) return
  const rows = await db
    .selectFrom('checkpoint')
    .select('id')
    .where('job_id', '=', jobId)
    .where('pinned', '=', 0)
    .where('id', 'not in', db.selectFrom('checkpoint_copy').select('checkpoint_id'))
    .orderBy((eb) => eb.case().when('state', '=', 'deleted').then(0).else(1).end())
    .orderBy('id')
    .limit(count - limits.jobCheckpointsMax)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('checkpoint').where('id', 'in', ids).execute()
}
