/** Presets: values of parameters under a name, for everybody who steers jobs. Each deletes one's own, an admin any. */
import {
  type Command,
  type ParameterDeclaration,
  type ParameterValue,
  PilothouseError,
  type Preset,
  checkParameter,
  limits,
  type presetCreate,
} from '@pilothouse/contract'
import type { z } from 'zod'
import { findSteerable, giveCommand } from '../commands/give-command.ts'
import { parseJson } from '../jobs/parse-json.ts'
import { findParameter } from '../parameters/set-parameter.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation } from '../storage/operation.ts'

type New = { actor: Actor } & z.output<typeof presetCreate>

/** By name; of one project those that all projects have as well. */
export const listPresets: Operation<{ project?: string | undefined }, { presets: Preset[] }> = async (
  { db },
  { project },
) => {
  const rows = await db
    .selectFrom('preset')
    .leftJoin('member', 'member.id', 'preset.owner_id')
    .selectAll('preset')
    .select('member.name as owner_name')
    .$if(project !== undefined, (builder) =>
      builder.where((eb) => eb.or([eb('project', 'is', null), eb('project', '=', project ?? '')])),
    )
    .orderBy('preset.name')
    .orderBy('preset.id')
    .execute()
  return {
    presets: rows.map((row) => ({
      id: row.id,
      name: row.name,
      project: row.project,
      values: parseJson<Preset['values']>(row.preset_values),
      by: { id: row.owner_id, name: row.owner_name ?? 'unknown' },
      createdAt: row.created_ms,
    })),
  }
}

/** @throws PilothouseError `conflict` when there is one of this name, or no room for more. */
export const createPreset: Operation<New, Preset> = async (context, { actor, name, project, values }) => {
  const { db, now } = context
  const { presets } = await listPresets(context, {})
  if (presets.some((one) => one.name === name && one.project === project))
    throw new PilothouseError('conflict', `There is a preset «${name}» already.`, { field: 'name' })
  if (presets.length >= limits.presetsMax)
    throw new PilothouseError('conflict', `There are ${limits.presetsMax} presets, and may be no more.`)
  const columns = { name, project, preset_values: JSON.stringify(values), created_ms: now() }
  const { id } = await db
    .insertInto('preset')
    .values({ owner_id: actor.memberId, ...columns })
    .returning('id')
    .executeTakeFirstOrThrow()
  return findPreset((await listPresets(context, {})).presets, id)
}

export const deletePreset: Operation<{ id: number; actor: Actor }, null> = async (context, { id, actor }) => {
  const found = findPreset((await listPresets(context, {})).presets, id)
  if (!actor.all && found.by.id !== actor.memberId) throw presetNotFound(id)
  await context.db.deleteFrom('preset').where('id', '=', id).execute()
  return null
}

type Apply = { uid: string; presetId: number; actor: Actor; note?: string | undefined }

/**
 * Changes parameters of a running job to the values of a preset, all or none; those that have them already are left out.
 * @throws PilothouseError `notFound` for a preset or a parameter that there is not, `invalid` for a value that it does not
 * take, `conflict` when the job cannot be told now.
 */
export const applyPreset: Operation<Apply, { commands: Command[] }> = async (
  context,
  { uid, presetId, actor, note },
) => {
  const job = await findSteerable(context.db, { uid, actor, kind: 'set' })
  const preset = findPreset((await listPresets(context, {})).presets, presetId)
  const wanted: { key: string; value: ParameterValue; revision: number }[] = []
  for (const [key, value] of Object.entries(preset.values)) {
    const row = await findParameter(context, job, key)
    const fault = checkParameter(parseJson<ParameterDeclaration>(row.declaration), value)
    if (fault) {
      const message = `«${key}» cannot be ${JSON.stringify(value)}: ${fault.expected} is expected.`
      throw new PilothouseError('invalid', message, { field: key, expected: fault.expected })
    }
    if (row.value !== JSON.stringify(value)) wanted.push({ key, value, revision: row.revision })
  }
  const commands: Command[] = []
  for (const { key, value, revision } of wanted) {
    await context.db
      .updateTable('parameter')
      .set({ revision: revision + 1 })
      .where('job_id', '=', job.id)
      .where('key', '=', key)
      .execute()
    const order = { kind: 'set', body: { key, value } } as const
    const about = note ?? `Preset «${preset.name}»`
    commands.push(await giveCommand(context, job, { order, subject: key, memberId: actor.memberId, note: about }))
  }
  if (commands.length > 0) noteSteering(context.changes, uid, 'parameters')
  return { commands }
}

function findPreset(presets: readonly Preset[], id: number): Preset {
  const found = presets.find((one) => one.id === id)
  if (!found) throw presetNotFound(id)
  return found
}

/** What is said of a preset that is not there, and of one that somebody else made. */
function presetNotFound(id: number): PilothouseError {
  return new PilothouseError('notFound', `There is no preset ${id} of yours.`, { field: 'id' })
}
