import {
  type Command,
  type ParameterDeclaration,
  type ParameterValue,
  PilothouseError,
  type Proposed,
  type ProposedChange,
  checkParameter,
} from '@pilothouse/contract'
import { findSteerable, type Given, giveCommand } from '../commands/give-command.ts'
import { parseJson } from '../jobs/parse-json.ts'
import { isProposal } from '../proposals/approval-setting.ts'
import { propose } from '../proposals/propose.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { type ParameterRow, readPending } from './read-parameters.ts'

type Input = {
  uid: string
  actor: Actor
  key: string
  value: ParameterValue
  revision?: number | undefined
  note?: string | undefined
}

/**
 * Has a running job change a parameter, or proposes it to an admin. The value is what it was until the job says that it is
 * another.
 * @throws PilothouseError `notFound` for a key that the job has not declared, `invalid` for a value out of its bounds,
 * `conflict` when the job cannot be told now or somebody else was quicker.
 */
export const setParameter: Operation<Input, Command | Proposed> = async (
  context,
  { uid, actor, key, value, revision, note },
) => {
  const { memberId } = actor
  const job = await findSteerable(context.db, { uid, actor, kind: 'set' })
  const row = await checkChange(context, job, { key, value })
  if (revision !== undefined && revision !== row.revision)
    throw await explainConflict(context, job, row, { since: 'you looked', again: 'send the change again' })
  if (await isProposal(context.db, job, actor))
    return propose(context, job, { changes: [toProposed(row, value)], memberId, note })
  return changeParameter(context, job, { row, value, memberId, note })
}

/**
 * The parameter, if it takes this value.
 * @throws PilothouseError `notFound`, or `invalid` with `field`.
 */
export async function checkChange(
  context: StorageContext,
  job: JobRow,
  { key, value, field = 'value' }: { key: string; value: ParameterValue; field?: string },
): Promise<ParameterRow> {
  const row = await findParameter(context, job, key)
  const fault = checkParameter(parseJson<ParameterDeclaration>(row.declaration), value)
  if (!fault) return row
  const message = `«${key}» cannot be ${JSON.stringify(value)}: ${fault.expected} is expected.`
  throw new PilothouseError('invalid', message, { field, expected: fault.expected })
}

type Wanted = Omit<Given, 'order' | 'subject'> & { row: ParameterRow; value: ParameterValue }

/** Tells the job to change a parameter. That it takes the value has been seen to. */
export async function changeParameter(
  context: StorageContext,
  job: JobRow,
  { row: { key, revision }, value, ...given }: Wanted,
): Promise<Command> {
  await context.db
    .updateTable('parameter')
    .set({ revision: revision + 1 })
    .where('job_id', '=', job.id)
    .where('key', '=', key)
    .execute()
  noteSteering(context.changes, job.uid, 'parameters')
  return giveCommand(context, job, { order: { kind: 'set', body: { key, value } }, subject: key, ...given })
}

/** The same as a proposal. */
export function toProposed({ key, value: old, revision }: ParameterRow, value: ParameterValue): ProposedChange {
  return { kind: 'set', key, value, old: parseJson<ParameterValue>(old), revision }
}

/** @throws PilothouseError `notFound`, with those that there are. */
export async function findParameter({ db }: StorageContext, job: JobRow, key: string): Promise<ParameterRow> {
  const rows = await db
    .selectFrom('parameter')
    .selectAll()
    .where('job_id', '=', job.id)
    .where('attempt', '=', job.attempt)
    .orderBy('position')
    .execute()
  const row = rows.find((one) => one.key === key)
  if (row) return row
  throw new PilothouseError('notFound', `This job has no parameter «${key}».`, {
    field: 'key',
    expected: rows.length === 0 ? 'none: it declares no parameters' : `one of ${rows.map((one) => one.key).join(', ')}`,
  })
}

/** That a parameter has changed, and to what. `since` and `again`: when it was seen, and what may be done once more. */
export async function explainConflict(
  { db }: StorageContext,
  job: JobRow,
  row: ParameterRow,
  { since, again }: { since: string; again: string },
): Promise<PilothouseError> {
  const pending = (await readPending(db, job)).get(row.key)
  const who = pending?.by?.name ?? 'somebody'
  const happened = pending
    ? `${who} is changing it to ${JSON.stringify(pending.value)} (command ${pending.command})`
    : `it is ${row.value} now`
  return new PilothouseError('conflict', `«${row.key}» has changed since ${since}: ${happened}.`, {
    field: 'revision',
    expected: String(row.revision),
    hint: `Look at what it is now, and ${again} with its revision if you still want it.`,
  })
}
