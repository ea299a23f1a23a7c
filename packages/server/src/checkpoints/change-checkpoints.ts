/**
 * A checkpoint is made by the job; people describe, tag, pin and delete it.
 *
 *   present ──delete──▶ deleting ──ten minutes──▶ (files removed) deleted
 *      ▲                   │
 *      └─────restore───────┘
 */
import {
  type Checkpoint,
  type CheckpointPatch,
  type Command,
  PilothouseError,
  type checkpointCreate,
  type rollbackStart,
} from '@pilothouse/contract'
import type { z } from 'zod'
import { findSteerable, findWritableJob, giveCommand } from '../commands/give-command.ts'
import { readControls } from '../commands/read-commands.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import { findCheckpoint, toCheckpoint } from './read-checkpoints.ts'

/** How long the deletion of a checkpoint can be undone, ms. */
export const restorableMs = 600_000

type OneCheckpoint = { uid: string; id: number; actor: Actor }

/** Has a running job write a checkpoint. */
export const createCheckpoint: Operation<
  { uid: string; actor: Actor } & z.output<typeof checkpointCreate>,
  Command
> = async (context, { uid, actor, name = null, description = null, tags = [] }) => {
  const job = await findSteerable(context.db, { uid, actor, kind: 'checkpoint' })
  return giveCommand(context, job, {
    order: { kind: 'checkpoint', body: { name, description, tags } },
    memberId: actor.memberId,
  })
}

/** Describes, tags, pins. */
export const editCheckpoint: Operation<OneCheckpoint & { patch: CheckpointPatch }, Checkpoint> = async (
  { db, changes },
  { uid, id, actor, patch: { tags, ...patch } },
) => {
  const job = await findWritableJob(db, uid, actor)
  const row = await findCheckpoint(db, job, id)
  const values = { ...patch, ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }) }
  if (Object.keys(values).length > 0) await db.updateTable('checkpoint').set(values).where('id', '=', row.id).execute()
  noteSteering(changes, uid, 'checkpoints')
  return toCheckpoint(await findCheckpoint(db, job, id))
}

/**
 * Has a running job go back to a checkpoint.
 * @throws PilothouseError `conflict` when its files are not what they were, or the job cannot be told now.
 */
export const startRollback: Operation<OneCheckpoint & z.output<typeof rollbackStart>, Command> = async (
  context,
  { uid, id, actor, note, ...how },
) => {
  const { db } = context
  const job = await findSteerable(db, { uid, actor, kind: 'rollback' })
  const { name, uri, step, sha256, state, state_reason, copy_state } = await findCheckpoint(db, job, id)
  const copied = copy_state === 'copied'
  if (state !== 'present' && !(copied && (state === 'missing' || state === 'corrupt'))) {
    throw new PilothouseError('conflict', `The checkpoint «${name}» cannot be gone back to: it is ${state}.`, {
      hint: state_reason ?? (state === 'deleting' ? 'Undo its deletion first.' : 'Choose another one.'),
    })
  }
  const controls = await readControls(db, job)
  if (controls?.rollback?.way === 'relaunch') {
    throw new PilothouseError('conflict', 'This script cannot go back while it runs: it has to be started again.', {
      hint: 'Stop the job, and start it from the checkpoint: «pilothouse relaunch».',
    })
  }
  return giveCommand(context, job, {
    order: { kind: 'rollback', body: { checkpoint: id, name, uri, step, sha256, copied, ...how } },
    memberId: actor.memberId,
    note,
  })
}

/** Takes a checkpoint out of use; its files go when the time to undo it is over. */
export const deleteCheckpoint: Operation<OneCheckpoint & { now: boolean }, Checkpoint> = async (
  { db, now, changes },
  { uid, id, actor, now: atOnce },
) => {
  const job = await findWritableJob(db, uid, actor)
  const row = await findCheckpoint(db, job, id)
  if (row.pinned === 1) {
    throw new PilothouseError('conflict', `The checkpoint «${row.name}» is pinned.`, {
      hint: 'Unpin it first if it shall really go.',
    })
  }
  if (row.state === 'deleted') throw new PilothouseError('conflict', `The checkpoint «${row.name}» is deleted already.`)
  if (row.state !== 'deleting')
    await db
      .updateTable('checkpoint')
      .set({ state: 'deleting', delete_ms: now() + (atOnce ? 0 : restorableMs) })
      .where('id', '=', id)
      .execute()
  noteSteering(changes, uid, 'checkpoints')
  return toCheckpoint(await findCheckpoint(db, job, id))
}

/** Undoes a deletion whose time is not over. */
export const restoreCheckpoint: Operation<OneCheckpoint, Checkpoint> = async (
  { db, now, changes },
  { uid, id, actor },
) => {
  const job = await findWritableJob(db, uid, actor)
  const row = await findCheckpoint(db, job, id)
  if (row.state === 'deleted' || (row.state === 'deleting' && (row.delete_ms ?? 0) <= now()))
    throw new PilothouseError('conflict', `The files of «${row.name}» are gone already, or go at this moment.`)
  if (row.state === 'deleting')
    await db
      .updateTable('checkpoint')
      .set({ state: 'present', state_reason: null, delete_ms: null })
      .where('id', '=', id)
      .execute()
  noteSteering(changes, uid, 'checkpoints')
  return toCheckpoint(await findCheckpoint(db, job, id))
}
