/** A command begins here: checked against what the job declared, stored, and told to whoever watches. */
import {
  type Command,
  type CommandKind,
  type Order,
  PilothouseError,
  limits,
  openCommandStates,
} from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { findJob } from '../jobs/find-job.ts'
import { jobNotFound, mayWrite } from '../jobs/job-access.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { readControls, selectCommands, toCommand } from './read-commands.ts'
import { whyRefused } from './why-refused.ts'

/** So long a job may take to carry a command out: steps can last minutes. */
const commandMs = 3_600_000

export type Given = {
  order: Order
  /** By which a later one takes the place of an earlier. */
  subject?: string
  /** null: pilothouse itself. */
  memberId: number | null
  /** The admin who approved what this member proposed. */
  approverId?: number
  note?: string | undefined
  expiresAfterMs?: number
}

/** Pauses, resumes, stops a job, or has it evaluate. */
export const orderJob: Operation<
  { uid: string; actor: Actor; order: Order; note?: string | undefined },
  Command
> = async (context, { uid, actor, order, note }) => {
  const job = await findSteerable(context.db, { uid, actor, kind: order.kind })
  return giveCommand(context, job, { order, memberId: actor.memberId, note })
}

/**
 * The job, if it can be told this now.
 * @throws PilothouseError `notFound`, or `conflict` with the reason.
 */
export async function findSteerable(
  db: Kysely<Tables>,
  { uid, actor, kind }: { uid: string; actor: Actor; kind: CommandKind },
): Promise<JobRow> {
  const job = await findWritableJob(db, uid, actor)
  const refusal = whyRefused({ state: job.state, controls: await readControls(db, job) }, kind)
  if (refusal !== null)
    throw new PilothouseError('conflict', refusal, { hint: 'See docs/steering.md for what a script has to declare.' })
  return job
}

/** @throws PilothouseError `notFound`, also for a job of somebody else. */
export async function findWritableJob(db: Kysely<Tables>, uid: string, actor: Actor): Promise<JobRow> {
  const job = await findJob(db, uid)
  if (!mayWrite(actor, job)) throw jobNotFound(uid)
  return job
}

/**
 * Stores a command for the current attempt of a job. Whether it may be given has been seen to.
 * @throws PilothouseError `conflict` when too many wait.
 */
export async function giveCommand(
  context: StorageContext,
  job: Pick<JobRow, 'id' | 'uid' | 'attempt'>,
  { order, subject, memberId, approverId, note, expiresAfterMs = commandMs }: Given,
): Promise<Command> {
  const { db, now } = context
  const open = await countOpen(db, job)
  // What pilothouse itself gives comes with a report, which must not fail for it; it is bounded by what the job declared.
  if (memberId !== null && open >= limits.openCommandsMax) {
    throw new PilothouseError('conflict', `${open} commands wait for this job already, and no more may.`, {
      hint: 'Wait until it has carried out some; the list of commands says whether it answers at all.',
    })
  }
  const at = now()
  const { id } = await db
    .insertInto('command')
    .values({
      job_id: job.id,
      attempt: job.attempt,
      kind: order.kind,
      body: JSON.stringify(order.body),
      subject: subject ?? null,
      state: 'created',
      member_id: memberId,
      approver_id: approverId ?? null,
      note: note === undefined || note.trim() === '' ? null : note,
      created_ms: at,
      expires_ms: at + expiresAfterMs,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await dropOldCommands(db, job.id)
  noteSteering(context.changes, job.uid, 'commands')
  return toCommand(await selectCommands(db).where('command.id', '=', id).executeTakeFirstOrThrow())
}

async function countOpen(db: Kysely<Tables>, { id, attempt }: Pick<JobRow, 'id' | 'attempt'>): Promise<number> {
  const { count } = await db
    .selectFrom('command')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('job_id', '=', id)
    .where('attempt', '=', attempt)
    .where('state', 'in', openCommandStates)
    .executeTakeFirstOrThrow()
  return count
}

async function dropOldCommands(db: Kysely<Tables>, jobId: number): Promise<void> {
  const first = await db
    .selectFrom('command')
    .select('id')
    .where('job_id', '=', jobId)
    .orderBy('id', 'desc')
    .offset(limits.jobCommandsMax)
    .limit(1)
    .executeTakeFirst()
  if (!first) return
  await db
    .deleteFrom('command')
    .where('job_id', '=', jobId)
    .where('id', '<=', first.id)
    .where('state', 'not in', openCommandStates)
    .execute()
}
