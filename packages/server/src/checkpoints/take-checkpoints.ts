/** Checkpoints that a job says it has written, and what it found of their files. */
import { type CheckpointEvent, type CheckpointFate, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { followPolicy } from './keep-policy.ts'
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
  const { db, changes } = context
  for (const { at: _at, atMs, tookMs, command, covers, metrics, parameters, ...event } of events) {
    const asked = command === null ? undefined : await readAsked(db, place, command)
    const columns = {
      ...event,
      attempt: place.attempt,
      branch: place.branch,
      state: 'present' as const,
      state_reason: null,
      delete_ms: null,
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
  }
  if (events.length === 0) return
  await followPolicy(context, place)
  await dropOldCheckpoints(db, place.id)
  noteSteering(changes, place.uid, 'checkpoints')
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
  { db, changes }: StorageContext,
  place: Place,
  fates: readonly CheckpointFate[],
): Promise<void> {
  for (const { name, state, reason } of fates) {
    await db
      .updateTable('checkpoint')
      .set({ state, state_reason: reason, delete_ms: null })
      .where('job_id', '=', place.id)
      .where('name', '=', name)
      .where('state', '<>', 'deleted')
      .execute()
  }
  if (fates.length > 0) noteSteering(changes, place.uid, 'checkpoints')
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
    .orderBy((eb) => eb.case().when('state', '=', 'deleted').then(0).else(1).end())
    .orderBy('id')
    .limit(count - limits.jobCheckpointsMax)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('checkpoint').where('id', 'in', ids).execute()
}
