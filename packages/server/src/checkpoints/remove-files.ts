/**
 * Deletes the files of checkpoints whose time to come back is over. A running job deletes its own; of one that has ended they
 * are deleted here when they lie on this machine. Never more than what a job has written: beside each checkpoint stands a
 * record (python/src/pilothouse/_checkpoint_files.py) that must name this very job and checkpoint.
 */
import { lstat, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, isAbsolute, normalize } from 'node:path'
import { isLive } from '@pilothouse/contract'
import { giveCommand } from '../commands/give-command.ts'
import { readControls } from '../commands/read-commands.ts'
import { whyRefused } from '../commands/why-refused.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { StorageRoom } from '../storage/open-storage.ts'
import type { Operation } from '../storage/operation.ts'

type Due = { id: number; job_id: number; uid: string; name: string; uri: string; host: string; step: number }
type Fate = { state: 'present' | 'deleted' | 'missing'; reason: string | null }

/** Checkpoints in one slice. */
const sliceMax = 20
const recordSuffix = '.pilothouse.json'
const recordBytesMax = 4 * 1024 * 1024

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
    .select(['checkpoint.step', 'job.uid', 'job.state', 'job.attempt'])
    .where('checkpoint.state', '=', 'deleting')
    .where('checkpoint.delete_ms', '<=', now())
    .orderBy('checkpoint.delete_ms')
    .limit(sliceMax)
    .execute()
  const here: Due[] = []
  for (const { state, attempt, ...due } of rows) {
    const job = { id: due.job_id, uid: due.uid, attempt }
    const refusal = whyRefused({ state, controls: await readControls(db, job) }, 'deleteCheckpoint')
    if (refusal !== null || !isLive(state)) {
      here.push(due)
      continue
    }
    const { id, name, uri, step } = due
    const order = { kind: 'deleteCheckpoint', body: { checkpoint: id, name, uri, step } } as const
    // Should the job not do it, or have too much to do already, it is due again later.
    await giveCommand(context, job, { order, memberId: null }).catch(() => undefined)
    await db
      .updateTable('checkpoint')
      .set({ delete_ms: now() + askAgainMs })
      .where('id', '=', id)
      .execute()
  }
  return here
}

const askAgainMs = 3_700_000

async function removeFiles({ uid, name, uri, host }: Due): Promise<Fate> {
  if (host !== hostname()) {
    return { state: 'present', reason: `Its machine ${host} is not reached from here: delete ${uri} there by hand.` }
  }
  try {
    if (!isAbsolute(uri) || normalize(uri) !== uri || basename(uri) !== name)
      return { state: 'present', reason: `${uri} is no place of a checkpoint.` }
    const facts = await lstat(uri)
    if (facts.isSymbolicLink()) return { state: 'present', reason: `${uri} is a link, and not what was written.` }
    const record = await readRecord(uri)
    if (record?.uid !== uid || record.name !== name)
      return { state: 'present', reason: `The record beside ${uri} does not say that this job has written it.` }
    // The record first: half a checkpoint is none.
    await rm(`${uri}${recordSuffix}`)
    await rm(uri, { recursive: true })
    return { state: 'deleted', reason: null }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT') return { state: 'missing', reason: `${uri} is not there any more.` }
    return { state: 'present', reason: `${uri} could not be deleted (${code}).` }
  }
}

async function readRecord(uri: string): Promise<{ uid?: unknown; name?: unknown } | undefined> {
  const path = `${uri}${recordSuffix}`
  if ((await lstat(path)).size > recordBytesMax) return undefined
  const value: unknown = JSON.parse(await readFile(path, 'utf8'))
  return typeof value === 'object' && value !== null ? value : undefined
}

const settleFate: Operation<Due & { fate: Fate }, boolean> = async ({ db, changes }, { id, uid, fate }) => {
  await db
    .updateTable('checkpoint')
    .set({ state: fate.state, state_reason: fate.reason, delete_ms: null })
    .where('id', '=', id)
    .where('state', '=', 'deleting')
    .execute()
  noteSteering(changes, uid, 'checkpoints')
  return false
}
