/** What a job says of its parameters, written down: what it has, and how they changed. */
import {
  type ChangeEvent,
  type Controls,
  type ParameterDeclaration,
  checkParameter,
  limits,
} from '@pilothouse/contract'
import { giveCommand } from '../commands/give-command.ts'
import { dropOldest } from '../jobs/drop-oldest.ts'
import { parseJson } from '../jobs/parse-json.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { ParameterRow } from './read-parameters.ts'

/** Which attempt speaks, and on which branch it is. */
export type Place = { id: number; uid: string; attempt: number; branch: number; atMs: number }

type Declared = Controls['parameters'][number]

/**
 * Takes the parameters that an attempt declares. One that an earlier attempt was told to change and that has its first value
 * again is to be told once more: what somebody has set stands over a restart.
 */
export async function takeDeclarations(
  context: StorageContext,
  place: Place,
  declared: readonly Declared[],
): Promise<void> {
  const { db, changes } = context
  const rows = await db.selectFrom('parameter').selectAll().where('job_id', '=', place.id).execute()
  const known = new Map(rows.map((row) => [row.key, row]))
  for (const [position, { value, ...declaration }] of declared.entries()) {
    const row = known.get(declaration.key)
    if (row?.attempt === place.attempt) await redeclare(context, place, { declaration, position })
    else await declareAnew(context, place, { declared: { value, ...declaration }, position, row })
  }
  noteSteering(changes, place.uid, 'parameters', 'commands')
}

type Declaration = { declaration: ParameterDeclaration; position: number }

/** Its value is told by changes. */
async function redeclare({ db }: StorageContext, { id }: Place, { declaration, position }: Declaration): Promise<void> {
  await db
    .updateTable('parameter')
    .set({ declaration: JSON.stringify(declaration), position })
    .where('job_id', '=', id)
    .where('key', '=', declaration.key)
    .execute()
}

type New = { declared: Declared; position: number; row: ParameterRow | undefined }

async function declareAnew(context: StorageContext, place: Place, { declared, position, row }: New): Promise<void> {
  const { db } = context
  const { value, ...declaration } = declared
  const text = JSON.stringify(value)
  const standing = await findStanding(context, place, { key: declaration.key, declared: text })
  const columns = {
    attempt: place.attempt,
    position,
    declaration: JSON.stringify(declaration),
    value: text,
    revision: (row?.revision ?? 0) + 1,
    changed_ms: place.atMs,
  }
  await db
    .insertInto('parameter')
    .values({ job_id: place.id, key: declaration.key, ...columns })
    .onConflict((conflict) => conflict.columns(['job_id', 'key']).doUpdateSet(columns))
    .execute()
  // The first value of an attempt in which another stands is not the last word on it: that one may end before it is set.
  if (row?.value !== text && standing === undefined)
    await addChange(context, place, { key: declaration.key, old: row?.value ?? null, value: text, cause: 'script' })
  if (standing === undefined) return
  const before = parseJson<Declared['value']>(standing.value)
  if (checkParameter(declaration, before)) return
  await giveCommand(context, place, {
    order: { kind: 'set', body: { key: declaration.key, value: before } },
    subject: declaration.key,
    memberId: null,
    note: `It was set in attempt ${standing.attempt}, and stands.`,
  })
}

/** The value that somebody, not the script, set last, where it is another one than is declared. */
async function findStanding(
  { db }: StorageContext,
  { id }: Place,
  { key, declared }: { key: string; declared: string },
): Promise<{ value: string; attempt: number } | undefined> {
  const last = await db
    .selectFrom('parameter_change')
    .select(['cause', 'value', 'attempt'])
    .where('job_id', '=', id)
    .where('key', '=', key)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last?.cause === 'command' && last.value !== declared ? last : undefined
}

/** Takes values that a job says it has from some step on. */
export async function takeChanges(
  context: StorageContext,
  place: Place,
  events: readonly (ChangeEvent & { atMs: number })[],
): Promise<void> {
  const { db, changes } = context
  for (const { key, value, atMs, isPassing, step, epoch, cause, command } of events) {
    const row = await db
      .selectFrom('parameter')
      .select(['value', 'revision', 'attempt'])
      .where('job_id', '=', place.id)
      .where('key', '=', key)
      .executeTakeFirst()
    // A late word of an attempt that another has followed is history, and not how things are.
    if (!row || row.attempt !== place.attempt) continue
    const text = JSON.stringify(value)
    await db
      .updateTable('parameter')
      .set({ value: text, changed_ms: atMs, revision: row.revision + 1 })
      .where('job_id', '=', place.id)
      .where('key', '=', key)
      .execute()
    if (isPassing) continue
    await addChange(context, { ...place, atMs }, { key, old: row.value, value: text, step, epoch, cause, command })
  }
  if (events.length > 0) noteSteering(changes, place.uid, 'parameters')
}

type NewChange = {
  key: string
  old: string | null
  value: string
  cause: ChangeEvent['cause']
  step?: number | null
  epoch?: number | null
  command?: number | null
}

async function addChange(
  { db }: StorageContext,
  { id, attempt, branch, atMs }: Place,
  { step = null, epoch = null, command = null, ...change }: NewChange,
): Promise<void> {
  await db
    .insertInto('parameter_change')
    .values({ job_id: id, attempt, branch, at_ms: atMs, step, epoch, command_id: command, ...change })
    .execute()
  await dropOldest(db, 'parameter_change', { jobId: id, keep: limits.jobChangesMax })
}
