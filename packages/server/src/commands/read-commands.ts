import {
  type Command,
  type CommandPage,
  type Controls,
  type Order,
  type commandQuery,
  isLive,
  openCommandStates,
} from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import type { z } from 'zod'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { Operation } from '../storage/operation.ts'
import type { CommandTable } from '../storage/steering-tables.ts'
import type { Tables } from '../storage/tables.ts'

export type CommandRow = Selectable<CommandTable> & { member_name: string | null; approver_name: string | null }

/** What an attempt said that it can be told. */
export type StoredControls = Pick<Controls, 'kinds' | 'rollback'> & { attempt: number }

/** A page of what a job was told, newest first. */
export const listCommands: Operation<{ uid: string; query: z.output<typeof commandQuery> }, CommandPage> = async (
  { db },
  { uid, query },
) => {
  const job = await findJob(db, uid)
  const rows = await selectCommands(db)
    .where('command.job_id', '=', job.id)
    .$if(query.state === 'open', (builder) => builder.where('command.state', 'in', openCommandStates))
    .$if(query.cursor !== undefined, (builder) => builder.where('command.id', '<', query.cursor ?? 0))
    .orderBy('command.id', 'desc')
    .limit(query.limit + 1)
    .execute()
  const page = rows.slice(0, query.limit)
  const { total } = await db
    .selectFrom('command')
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where('job_id', '=', job.id)
    .executeTakeFirstOrThrow()
  const controls = isLive(job.state) ? await readControls(db, job) : null
  return {
    commands: page.map(toCommand),
    total,
    next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null,
    controls: controls && { kinds: controls.kinds, rollback: controls.rollback },
  }
}

/** Commands with the names of who gave them. */
export function selectCommands(db: Kysely<Tables>) {
  return db
    .selectFrom('command')
    .leftJoin('member', 'member.id', 'command.member_id')
    .leftJoin('member as approver', 'approver.id', 'command.approver_id')
    .selectAll('command')
    .select(['member.name as member_name', 'approver.name as approver_name'])
}

/** What the current attempt of a job said that it can be told; null while it has said nothing. */
export async function readControls(
  db: Kysely<Tables>,
  { id, attempt }: Pick<JobRow, 'id' | 'attempt'>,
): Promise<StoredControls | null> {
  const { controls } = await db
    .selectFrom('job_detail')
    .select('controls')
    .where('job_id', '=', id)
    .executeTakeFirstOrThrow()
  const stored = controls === null ? null : parseJson<StoredControls>(controls)
  return stored?.attempt === attempt ? stored : null
}

export function toCommand(row: CommandRow): Command {
  const order = { kind: row.kind, body: parseJson<Order['body']>(row.body) } as Order // `giveCommand` wrote both
  return {
    ...order,
    id: row.id,
    state: row.state,
    attempt: row.attempt,
    createdAt: row.created_ms,
    by: personOf(row.member_id, row.member_name),
    approvedBy: personOf(row.approver_id, row.approver_name),
    note: row.note,
    deliveredAt: row.delivered_ms,
    settledAt: row.settled_ms,
    step: row.step,
    reason: row.reason,
    expiresAt: row.expires_ms,
  }
}

export function personOf(id: number | null, name: string | null): { id: number; name: string } | null {
  return id === null ? null : { id, name: name ?? 'unknown' }
}
