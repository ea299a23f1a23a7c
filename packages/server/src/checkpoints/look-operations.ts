/** Which checkpoints of this machine are to be looked for, and what came of it. */
import type { CheckpointState } from '@pilothouse/contract'
import { findWritableJob } from '../commands/give-command.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import { applyFate } from './apply-fate.ts'
import { findCheckpoint } from './read-checkpoints.ts'
import type { Look, LookedFor } from './look-for-files.ts'

export type DueLook = LookedFor & {
  id: number
  state: CheckpointState
  /** When its bytes were compared with the checksum last, or else written; ms. */
  summedAt: number
}

const sliceMax = 100

/** Of jobs that do not run: a running one looks after its own. Those first that nobody has looked for the longest. */
export const listDueLooks: Operation<{ host: string; before: number }, DueLook[]> = async (
  { db },
  { host, before },
) => {
  const rows = await db
    .selectFrom('checkpoint')
    .innerJoin('job', 'job.id', 'checkpoint.job_id')
    .select(['checkpoint.id', 'checkpoint.name', 'checkpoint.uri', 'checkpoint.host', 'checkpoint.bytes'])
    .select(['checkpoint.sha256', 'checkpoint.device', 'checkpoint.state', 'checkpoint.summed_ms'])
    .select(['checkpoint.time_ms', 'job.uid'])
    .where('checkpoint.host', '=', host)
    .where('checkpoint.state', 'in', ['present', 'missing', 'corrupt'])
    .where('job.state', 'not in', ['running', 'paused'])
    .where((eb) => eb.or([eb('checkpoint.looked_ms', 'is', null), eb('checkpoint.looked_ms', '<', before)]))
    .orderBy((eb) => eb.fn.coalesce('checkpoint.looked_ms', eb.lit(0)))
    .orderBy('checkpoint.id')
    .limit(sliceMax)
    .execute()
  return rows.map(({ summed_ms, time_ms, ...row }) => ({ ...row, summedAt: summed_ms ?? time_ms }))
}

/** One that somebody wants to have looked at. */
export const findLook: Operation<{ uid: string; id: number; actor: Actor }, DueLook> = async (
  { db },
  { uid, id, actor },
) => {
  const job = await findWritableJob(db, uid, actor)
  const { name, uri, host, bytes, sha256, device, state, summed_ms, time_ms } = await findCheckpoint(db, job, id)
  return { uid, id, name, uri, host, bytes, sha256, device, state, summedAt: summed_ms ?? time_ms }
}

export type Seen = Look & {
  id: number
  uid: string
  /** Of the checkpoint that was looked for: another may have taken its place meanwhile. */
  sha256: string | null
  isSummed: boolean
}

/** What was found of the files. */
export const noteLook: Operation<Seen, null> = async ({ db, now, changes }, look) => {
  const { id, uid, sha256, state, reason, device, isSummed } = look
  const row = await db
    .selectFrom('checkpoint')
    .select(['state', 'sha256', 'fault_ms', 'hidden_ms', 'hidden_reason'])
    .where('id', '=', id)
    .where('state', 'in', ['present', 'missing', 'corrupt'])
    .executeTakeFirst()
  if (!row || row.sha256 !== sha256) return null
  const change = applyFate(row, { state, reason }, now())
  await db
    .updateTable('checkpoint')
    .set({ ...change, device, looked_ms: now(), ...(isSummed ? { summed_ms: now() } : {}) })
    .where('id', '=', id)
    .execute()
  // Nobody asks for the list anew because nothing has changed.
  const isNews = row.state !== (change.state ?? row.state) || row.hidden_reason !== change.hidden_reason || isSummed
  if (isNews) noteSteering(changes, uid, 'checkpoints')
  return null
}
