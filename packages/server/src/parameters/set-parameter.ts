import {
  type Command,
  type ParameterDeclaration,
  type ParameterValue,
  PilothouseError,
  checkParameter,
} from '@pilothouse/contract'
import { findSteerable, giveCommand } from '../commands/give-command.ts'
import { parseJson } from '../jobs/parse-json.ts'
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
 * Has a running job change a parameter. The value is what it was until the job says that it is another.
 * @throws PilothouseError `notFound` for a key that the job has not declared, `invalid` for a value out of its bounds,
 * `conflict` when the job cannot be told now or somebody else was quicker.
 */
export const setParameter: Operation<Input, Command> = async (context, { uid, actor, key, value, revision, note }) => {
  const job = await findSteerable(context.db, { uid, actor, kind: 'set' })
  const row = await findParameter(context, job, key)
  const fault = checkParameter(parseJson<ParameterDeclaration>(row.declaration), value)
  if (fault) {
    throw new PilothouseError(
      'invalid',
      `«${key}» cannot be ${JSON.stringify(value)}: ${fault.expected} is expected.`,
      {
        field: 'value',
        expected: fault.expected,
      },
    )
  }
  if (revision !== undefined && revision !== row.revision) throw await explainConflict(context, job, row)
  await context.db
    .updateTable('parameter')
    .set({ revision: row.revision + 1 })
    .where('job_id', '=', job.id)
    .where('key', '=', key)
    .execute()
  noteSteering(context.changes, uid, 'parameters')
  return giveCommand(context, job, {
    order: { kind: 'set', body: { key, value } },
    subject: key,
    memberId: actor.memberId,
    note,
  })
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

async function explainConflict({ db }: StorageContext, job: JobRow, row: ParameterRow): Promise<PilothouseError> {
  const pending = (await readPending(db, job)).get(row.key)
  const who = pending?.by?.name ?? 'somebody'
  const happened = pending
    ? `${who} is changing it to ${JSON.stringify(pending.value)} (command ${pending.command})`
    : `it is ${row.value} now`
  return new PilothouseError('conflict', `«${row.key}» has changed since you looked: ${happened}.`, {
    field: 'revision',
    expected: String(row.revision),
    hint: 'Look at what it is now, and send the change again with its revision if you still want it.',
  })
}
