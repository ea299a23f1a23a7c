/**
 * Deletes the files of checkpoints whose time to come back is over. A running job deletes its own; of one that has ended they
 * are deleted here when they lie on this machine and are what it has written.
 */
import { rm } from 'node:fs/promises'
import { isLive, isOpenCommand } from '@pilothouse/contract'
import { giveCommand } from '../commands/give-command.ts'
import { readControls } from '../commands/read-commands.ts'
import { retireCopies } from '../copies/retire-copies.ts'
import { whyRefused } from '../commands/why-refused.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { StorageRoom } from '../storage/open-storage.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'
import { isWrittenHere, recordSuffix } from './written-here.ts'

type Due = {
  id: number
  job_id: number
  uid: string
  name: string
  uri: string
  host: string
  step: number
  delete_ms: number | null
}
type Fate = { state: 'present' | 'deleted' | 'missing'; reason: string | null }

/** Checkpoints in one slice. */
const sliceMax = 20

/** One slice. False: no more is due. */
export async function removeCheckpointFiles(room: StorageRoom): Promise<boolean> {
  const due = await room.run(takeDue, null)
  for (const one of due) await room.run(settleFate, { ...one, fate: await removeFiles(one) })
  return due.length === sliceMax
}

/** Has running jobs delete theirs; gives those that are to be deleted here. */
const takeDue: Operation<null, Due[]> = async (context) => {
  const { db, now } = context
  const rows = await db
    .selectFrom('checkpoint')
    .innerJoin('job', 'job.id', 'checkpoint.job_id')
    .select(['checkpoint.id', 'checkpoint.job_id', 'checkpoint.name', 'checkpoint.uri', 'checkpoint.host'])
    .select(['checkpoint.step', 'checkpoint.delete_ms', 'job.uid', 'job.state', 'job.attempt'])
    .where('checkpoint.state', '=', 'deleting')
    .where('checkpoint.delete_ms', '<=', now())
    .orderBy('checkpoint.delete_ms')
    .limit(sliceMax)
    .execute()
  await retireCopies(
    db,
    rows.map(({ id }) => id),
    now(),
  )
  const here: Due[] = []
  for (const { state, attempt, ...due } of rows) {
    const job = { id: due.job_id, uid: due.uid, attempt }
    const refusal = whyRefused({ state, controls: await readControls(db, job) }, 'deleteCheckpoint')
    if (refusal !== null || !isLive(state)) here.push(due)
    else await askJob(context, job, due)
  }
  return here
}

/** Once: what it could not delete stays, and says why. */
async function askJob(
  context: StorageContext,
  job: { id: number; uid: string; attempt: number },
  { id, uid, name, uri, step, delete_ms }: Due,
): Promise<void> {
  const subject = `checkpoint:${id}`
  const asked = await context.db
    .selectFrom('command')
    .select(['state', 'reason'])
    .where('job_id', '=', job.id)
    .where('attempt', '=', job.attempt)
    .where('subject', '=', subject)
    .where('created_ms', '>=', delete_ms ?? 0)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  if (asked && isOpenCommand(asked.state)) return
  if (asked && asked.state !== 'applied') {
    const reason = `It could not be deleted: ${asked.reason ?? asked.state}.`
    await settleFate(context, { id, uid, fate: { state: 'present', reason } })
    return
  }
  const order = { kind: 'deleteCheckpoint', body: { checkpoint: id, name, uri, step } } as const
  await giveCommand(context, job, { order, subject, memberId: null })
}

async function removeFiles(due: Due): Promise<Fate> {
  const { uri } = due
  try {
    const found = await isWrittenHere(due)
    if (!found.isHere)
      return { state: found.isMissing ? 'missing' : 'present', reason: `${found.reason}${byHand(found)}` }
    // The record first: half a checkpoint is none.
    await rm(`${uri}${recordSuffix}`)
    await rm(uri, { recursive: true })
    return { state: 'deleted', reason: null }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { state: 'present', reason: `${uri} could not be deleted (${code}).` }
  }
}

function byHand({ isMissing }: { isMissing: boolean }): string {
  return isMissing ? '' : ' Delete it there by hand.'
}

const settleFate: Operation<Pick<Due, 'id' | 'uid'> & { fate: Fate }, boolean> = async (
  { db, changes },
  { id, uid, fate },
) => {
  await db
    .updateTable('checkpoint')
    .set({ state: fate.state, state_reason: fate.reason, delete_ms: null })
    .where('id', '=', id)
    .where('state', '=', 'deleting')
    .execute()
  noteSteering(changes, uid, 'checkpoints')
  return false
}
