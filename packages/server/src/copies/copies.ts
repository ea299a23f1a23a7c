/**
 * Copies of checkpoints in the control room, as the storage knows them:
 *
 *   (asked for) ──▶ waiting ──▶ copying ──▶ copied
 *                      └───────────┴──▶ failed ──(asked for again)──▶ waiting
 *   any of them ──(deleted, with or without its checkpoint)──▶ removing ──▶ (files gone) no row
 *
 * A running job sends one by an order; of a job that has ended it is copied on this machine.
 */
import {
  type Checkpoint,
  type CheckpointState,
  type CopyList,
  type CopyState,
  PilothouseError,
  isLive,
} from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { findCheckpoint, toCheckpoint } from '../checkpoints/read-checkpoints.ts'
import type { CheckpointPlace } from '../checkpoints/written-here.ts'
import { findWritableJob, giveCommand } from '../commands/give-command.ts'
import { readControls } from '../commands/read-commands.ts'
import { whyRefused } from '../commands/why-refused.ts'
import { findJob } from '../jobs/find-job.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { retireCopies } from './retire-copies.ts'

/** A job may take so long to send one. */
const sendMs = 7 * 24 * 3_600_000
/** Copies told of at once. */
const sliceMax = 100

/** A copy as the files know it. */
export type CopyRow = {
  id: number
  jobId: number
  state: CopyState
  reason: string | null
  sha256: string
  /** Of its checkpoint. */
  name: string
}
type OneCheckpoint = { uid: string; id: number; actor: Actor }

/** Where a checkpoint lies, and whether its job runs, which then sends it itself. */
export const locateForCopy: Operation<OneCheckpoint, CheckpointPlace & { isLive: boolean }> = async (
  { db },
  { uid, id, actor },
) => {
  const job = await findWritableJob(db, uid, actor)
  const { name, uri, host } = await findCheckpoint(db, job, id)
  return { uid, name, uri, host, isLive: isLive(job.state) }
}

/**
 * Asks for a copy: of the running job, or of this machine, where the files have been found.
 * @throws PilothouseError `conflict` when there is one, or none can be made now.
 */
export const askCopy: Operation<OneCheckpoint, Checkpoint> = async (context, { uid, id, actor }) => {
  const { db, now, changes } = context
  const job = await findWritableJob(db, uid, actor)
  const row = await findCheckpoint(db, job, id)
  const { name, uri, step, sha256, bytes } = row
  const refusal = whyNoCopy(row)
  if (refusal !== null || sha256 === null)
    throw new PilothouseError('conflict', `«${name}» cannot be copied: ${refusal ?? 'its checksum is not known.'}`)
  let command: number | null = null
  if (isLive(job.state)) {
    const silence = whyRefused({ state: job.state, controls: await readControls(db, job) }, 'copy')
    if (silence !== null)
      throw new PilothouseError('conflict', silence, { hint: 'See docs/steering.md for what a script has to declare.' })
    const order = { kind: 'copy', body: { checkpoint: id, name, uri, step, sha256 } } as const
    command = (await giveCommand(context, job, { order, memberId: actor.memberId, expiresAfterMs: sendMs })).id
  }
  const values = { state: 'waiting' as const, reason: null, sha256, bytes, received: 0, command_id: command }
  const renewed = { ...values, member_id: actor.memberId, changed_ms: now() }
  const { numUpdatedRows } = await db
    .updateTable('checkpoint_copy')
    .set(renewed)
    .where('checkpoint_id', '=', id)
    .where('state', '=', 'failed')
    .executeTakeFirst()
  if (Number(numUpdatedRows) === 0)
    await db
      .insertInto('checkpoint_copy')
      .values({ ...renewed, job_id: job.id, checkpoint_id: id, created_ms: now() })
      .execute()
  noteSteering(changes, uid, 'checkpoints')
  return toCheckpoint(await findCheckpoint(db, job, id))
}

function whyNoCopy({ state, copy_state }: { state: CheckpointState; copy_state: CopyState | null }): string | null {
  if (copy_state === 'copied') return 'the control room has a copy already.'
  if (copy_state === 'waiting' || copy_state === 'copying') return 'it is being copied.'
  return state === 'present' ? null : `it is ${state}.`
}

/** Takes a copy out of use; its files go at once. The checkpoint itself stays. */
export const deleteCopy: Operation<OneCheckpoint, Checkpoint> = async ({ db, now, changes }, { uid, id, actor }) => {
  const job = await findWritableJob(db, uid, actor)
  const row = await findCheckpoint(db, job, id)
  if (row.copy_state === null)
    throw new PilothouseError('notFound', `The control room has no copy of «${row.name}».`, { field: 'id' })
  await retireCopies(db, [id], now())
  noteSteering(changes, uid, 'checkpoints')
  return toCheckpoint(await findCheckpoint(db, job, id))
}

/**
 * The copy of a checkpoint of a job, for whoever may see the job.
 * @throws PilothouseError `notFound`, `conflict` unless it is whole.
 */
export const findWholeCopy: Operation<{ uid: string; id: number }, CopyRow> = async ({ db }, { uid, id }) =>
  requireWhole(await readCopy(db, await findJob(db, uid), id))

/** The same for the job itself, and only for its own. `isWhole`: it must be. */
export const findOwnCopy: Operation<OneCheckpoint & { isWhole: boolean }, CopyRow> = async (
  { db },
  { uid, id, actor, isWhole },
) => {
  const copy = await readCopy(db, await findWritableJob(db, uid, actor), id)
  return isWhole ? requireWhole(copy) : copy
}

function requireWhole(copy: CopyRow): CopyRow {
  if (copy.state === 'copied') return copy
  throw new PilothouseError('conflict', `The copy of «${copy.name}» is not whole (${copy.state}).`, {
    hint: copy.reason ?? 'Wait until it is.',
  })
}

async function readCopy(db: Kysely<Tables>, job: { id: number }, id: number): Promise<CopyRow> {
  const { name } = await findCheckpoint(db, job, id)
  const row = await db
    .selectFrom('checkpoint_copy')
    .select(['id', 'job_id', 'state', 'reason', 'sha256'])
    .where('checkpoint_id', '=', id)
    .where('state', '<>', 'removing')
    .executeTakeFirst()
  if (!row)
    throw new PilothouseError('notFound', `Nobody has asked for a copy of «${name}», or it is deleted.`, {
      field: 'id',
    })
  const { job_id, state, ...rest } = row
  return { ...rest, jobId: job_id, state: state as CopyState, name } // `removing` was left out
}

/** Whole copies that a job could have back. */
export const listCopies: Operation<{ uid: string; actor: Actor }, CopyList> = async ({ db }, { uid, actor }) => {
  const job = await findWritableJob(db, uid, actor)
  const copies = await db
    .selectFrom('checkpoint_copy')
    .innerJoin('checkpoint', 'checkpoint.id', 'checkpoint_copy.checkpoint_id')
    .select(['checkpoint.id', 'checkpoint.name', 'checkpoint.uri', 'checkpoint_copy.sha256'])
    .where('checkpoint.job_id', '=', job.id)
    .where('checkpoint_copy.state', '=', 'copied')
    .where('checkpoint.state', 'in', ['present', 'missing', 'corrupt'])
    .orderBy('checkpoint.time_ms', 'desc')
    .orderBy('checkpoint.id', 'desc')
    .limit(sliceMax)
    .execute()
  return { copies }
}

/** What is to be done with files now: copied on this machine, or removed. */
export type DueCopies = {
  local: (CheckpointPlace & { id: number; jobId: number; sha256: string; bytes: number })[]
  removing: { id: number; jobId: number }[]
  /** What has come of them will not be gone on with. */
  stale: { id: number; jobId: number }[]
}

/** Parts of a copy that has failed stay so long, to go on with when it is asked for again. */
const partsMs = 24 * 3_600_000

export const listDueCopies: Operation<null, DueCopies> = async ({ db, now }) => {
  const local = await db
    .selectFrom('checkpoint_copy')
    .innerJoin('checkpoint', 'checkpoint.id', 'checkpoint_copy.checkpoint_id')
    .innerJoin('job', 'job.id', 'checkpoint.job_id')
    .select([
      'checkpoint_copy.id',
      'checkpoint_copy.job_id as jobId',
      'checkpoint_copy.sha256',
      'checkpoint_copy.bytes',
    ])
    .select(['checkpoint.name', 'checkpoint.uri', 'checkpoint.host', 'job.uid'])
    .where('checkpoint_copy.state', 'in', ['waiting', 'copying'])
    .where('checkpoint_copy.command_id', 'is', null)
    .orderBy('checkpoint_copy.id')
    .limit(sliceMax)
    .execute()
  const select = db.selectFrom('checkpoint_copy').select(['id', 'job_id as jobId']).limit(sliceMax)
  return {
    local,
    removing: await select.where('state', '=', 'removing').execute(),
    stale: await select
      .where('state', '=', 'failed')
      .where('received', '>', 0)
      .where('changed_ms', '<', now() - partsMs)
      .execute(),
  }
}

export type CopyMove = {
  id: number
  state: CopyState
  reason?: string | null
  received: number
}

/** A copy has come further, is whole, or has failed. Of one that is over meanwhile nothing changes. */
export const moveCopy: Operation<CopyMove, boolean> = async (
  { db, now, changes },
  { id, state, received, reason = null },
) => {
  const { numUpdatedRows } = await db
    .updateTable('checkpoint_copy')
    .set({ state, reason, received, changed_ms: now() })
    .where('id', '=', id)
    .where('state', 'in', state === 'copying' ? ['waiting', 'copying'] : ['waiting', 'copying', 'failed'])
    .executeTakeFirst()
  if (Number(numUpdatedRows) === 0) return false
  const job = await db
    .selectFrom('checkpoint_copy')
    .innerJoin('job', 'job.id', 'checkpoint_copy.job_id')
    .select('job.uid')
    .where('checkpoint_copy.id', '=', id)
    .executeTakeFirst()
  if (job) noteSteering(changes, job.uid, 'checkpoints')
  return true
}

/** What had come of a copy that has failed is thrown away. */
export const clearCopy: Operation<{ id: number }, null> = async ({ db }, { id }) => {
  await db
    .updateTable('checkpoint_copy')
    .set({ received: 0 })
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .execute()
  return null
}

/** The files of a copy are gone. */
export const forgetCopy: Operation<{ id: number }, null> = async ({ db }, { id }) => {
  await db.deleteFrom('checkpoint_copy').where('id', '=', id).where('state', '=', 'removing').execute()
  return null
}
