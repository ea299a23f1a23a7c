import {
  type ChangePage,
  type Order,
  type Parameter,
  type ParameterDeclaration,
  type ParameterList,
  type ParameterValue,
  type changeQuery,
  openCommandStates,
} from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import type { z } from 'zod'
import { personOf, readControls, selectCommands } from '../commands/read-commands.ts'
import { whyRefused } from '../commands/why-refused.ts'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { needsApproval } from '../proposals/approval-setting.ts'
import type { Operation } from '../storage/operation.ts'
import type { ParameterTable } from '../storage/steering-tables.ts'
import type { Tables } from '../storage/tables.ts'

export type ParameterRow = Selectable<ParameterTable>

/** Parameters of a job in the order of their declaration, with what waits to change them. */
export const listParameters: Operation<{ uid: string }, ParameterList> = async ({ db }, { uid }) => {
  const job = await findJob(db, uid)
  const rows = await db
    .selectFrom('parameter')
    .selectAll()
    .where('job_id', '=', job.id)
    .where('attempt', '=', (eb) =>
      eb
        .selectFrom('parameter as newest')
        .select(({ fn }) => fn.max('newest.attempt').as('attempt'))
        .where('newest.job_id', '=', job.id),
    )
    .orderBy('position')
    .execute()
  const pending = await readPending(db, job)
  return {
    parameters: rows.map((row): Parameter => ({
      ...parseJson<ParameterDeclaration>(row.declaration),
      value: parseJson<ParameterValue>(row.value),
      revision: row.revision,
      changedAt: row.changed_ms,
      pending: pending.get(row.key) ?? null,
    })),
    refusal: whyRefused({ state: job.state, controls: await readControls(db, job) }, 'set'),
    needsApproval: await needsApproval(db, job),
  }
}

type Pending = NonNullable<Parameter['pending']>

/** The last command that waits for each key. */
export async function readPending(
  db: Kysely<Tables>,
  { id, attempt }: Pick<JobRow, 'id' | 'attempt'>,
): Promise<Map<string, Pending>> {
  const rows = await selectCommands(db)
    .where('command.job_id', '=', id)
    .where('command.attempt', '=', attempt)
    .where('command.kind', '=', 'set')
    .where('command.state', 'in', openCommandStates)
    .orderBy('command.id')
    .execute()
  return new Map(
    rows.map((row): [string, Pending] => {
      const { key, value } = parseJson<Extract<Order, { kind: 'set' }>['body']>(row.body)
      const by = personOf(row.member_id, row.member_name)
      return [key, { command: row.id, value, by, createdAt: row.created_ms }]
    }),
  )
}

/** A page of how parameters changed, newest first. */
export const listChanges: Operation<{ uid: string; query: z.output<typeof changeQuery> }, ChangePage> = async (
  { db },
  { uid, query: { key, limit, cursor } },
) => {
  const { id } = await findJob(db, uid)
  const rows = await db
    .selectFrom('parameter_change as change')
    .leftJoin('command', 'command.id', 'change.command_id')
    .leftJoin('member', 'member.id', 'command.member_id')
    .leftJoin('member as approver', 'approver.id', 'command.approver_id')
    .selectAll('change')
    .select(['command.member_id', 'command.approver_id', 'command.note'])
    .select(['member.name as member_name', 'approver.name as approver_name'])
    .where('change.job_id', '=', id)
    .$if(key !== undefined, (builder) => builder.where('change.key', '=', key ?? ''))
    .$if(cursor !== undefined, (builder) => builder.where('change.id', '<', cursor ?? 0))
    .orderBy('change.id', 'desc')
    .limit(limit + 1)
    .execute()
  const { total } = await db
    .selectFrom('parameter_change')
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where('job_id', '=', id)
    .$if(key !== undefined, (builder) => builder.where('key', '=', key ?? ''))
    .executeTakeFirstOrThrow()
  const page = rows.slice(0, limit)
  return {
    changes: page.map((row) => ({
      id: row.id,
      key: row.key,
      attempt: row.attempt,
      branch: row.branch,
      at: row.at_ms,
      step: row.step,
      epoch: row.epoch,
      old: row.old === null ? null : parseJson<ParameterValue>(row.old),
      value: parseJson<ParameterValue>(row.value),
      cause: row.cause,
      command: row.command_id,
      by: personOf(row.member_id, row.member_name),
      approvedBy: personOf(row.approver_id, row.approver_name),
      note: row.note,
    })),
    total,
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  }
}
