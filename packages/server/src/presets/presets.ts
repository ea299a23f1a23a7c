/** Presets: values of parameters under a name, for everybody who steers jobs. Each deletes one's own, an admin any. */
import {
  type Command,
  type ParameterValue,
  PilothouseError,
  type Preset,
  type Proposed,
  limits,
  type presetCreate,
} from '@pilothouse/contract'
import type { z } from 'zod'
import { findSteerable } from '../commands/give-command.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { ParameterRow } from '../parameters/read-parameters.ts'
import { changeParameter, checkChange, toProposed } from '../parameters/set-parameter.ts'
import { isProposal } from '../proposals/approval-setting.ts'
import { propose } from '../proposals/propose.ts'
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
 * Changes parameters of a running job to the values of a preset, or proposes it to an admin, all or none; those that have
 * them already are left out.
 * @throws PilothouseError `notFound` for a preset or a parameter that there is not, `invalid` for a value that it does not
 * take, `conflict` when the job cannot be told now.
 */
export const applyPreset: Operation<Apply, { commands: Command[] } | Proposed> = async (
  context,
  { uid, presetId, actor, note },
) => {
  const job = await findSteerable(context.db, { uid, actor, kind: 'set' })
  const preset = findPreset((await listPresets(context, {})).presets, presetId)
  const wanted: { row: ParameterRow; value: ParameterValue }[] = []
  for (const [key, value] of Object.entries(preset.values)) {
    const row = await checkChange(context, job, { key, value, field: key })
    if (row.value !== JSON.stringify(value)) wanted.push({ row, value })
  }
  const by = { memberId: actor.memberId, note: note ?? `Preset «${preset.name}»` }
  if (wanted.length > 0 && (await isProposal(context.db, job, actor)))
    return propose(context, job, { changes: wanted.map(({ row, value }) => toProposed(row, value)), ...by })
  const commands: Command[] = []
  for (const one of wanted) commands.push(await changeParameter(context, job, { ...one, ...by }))
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
