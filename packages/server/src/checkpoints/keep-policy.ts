/** Rules by which checkpoints of a job stay by themselves. They are looked at whenever one is made, and when they are set. */
import { isDeepStrictEqual } from 'node:util'
import { type CheckpointPolicy, PilothouseError, type PolicyAnswer } from '@pilothouse/contract'
import { chooseKept } from '@pilothouse/signals'
import type { Kysely } from 'kysely'
import { findWritableJob } from '../commands/give-command.ts'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { restorableMs } from './change-checkpoints.ts'
import { selectCheckpoints, toCheckpoint } from './read-checkpoints.ts'

type Job = { id: number; uid: string }

/** The rules of a job, and what they make of its checkpoints. */
export const getPolicy: Operation<{ uid: string }, PolicyAnswer> = async ({ db }, { uid }) => {
  const job = await findJob(db, uid)
  return decide(db, job, await readPolicy(db, job.id))
}

type SetPolicy = {
  uid: string
  actor: Actor
  policy: CheckpointPolicy | null
  /** Rules that whoever sets these has seen; undefined: whichever there are. */
  seen?: CheckpointPolicy | null | undefined
  dryRun: boolean
}

/**
 * Sets the rules and follows them at once; `dryRun`: only says what they would do.
 * @throws PilothouseError `notFound`, or `conflict` when others stand than were seen.
 */
export const setPolicy: Operation<SetPolicy, PolicyAnswer> = async (context, { uid, actor, policy, seen, dryRun }) => {
  const { db } = context
  const job = await findWritableJob(db, uid, actor)
  const answer = await decide(db, job, policy)
  if (dryRun) return answer
  if (seen !== undefined && !isDeepStrictEqual(seen, await readPolicy(db, job.id))) {
    throw new PilothouseError('conflict', 'The rules have been changed meanwhile by somebody else.', {
      hint: 'Look at them as they are now, and change them again.',
    })
  }
  await db
    .updateTable('job_detail')
    .set({ checkpoint_policy: policy === null ? null : JSON.stringify(policy) })
    .where('job_id', '=', job.id)
    .execute()
  await deleteOthers(context, job, answer)
  noteSteering(context.changes, uid, 'checkpoints')
  return answer
}

/** A checkpoint has been made: what the rules do not keep goes. */
export async function followPolicy(context: StorageContext, job: Job): Promise<void> {
  const policy = await readPolicy(context.db, job.id)
  if (policy !== null) await deleteOthers(context, job, await decide(context.db, job, policy))
}

async function readPolicy(db: Kysely<Tables>, jobId: number): Promise<CheckpointPolicy | null> {
  const { checkpoint_policy: text } = await db
    .selectFrom('job_detail')
    .select('checkpoint_policy')
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow()
  return text === null ? null : parseJson<CheckpointPolicy>(text)
}

async function decide(db: Kysely<Tables>, { id }: Job, policy: CheckpointPolicy | null): Promise<PolicyAnswer> {
  const rows = await selectCheckpoints(db)
    .where('checkpoint.job_id', '=', id)
    .where('checkpoint.state', '=', 'present')
    .orderBy('checkpoint.id', 'desc')
    .execute()
  const checkpoints = rows.map(toCheckpoint)
  const decisions = chooseKept(
    policy ?? {},
    checkpoints.map((one) => ({ ...one, isCopied: one.copy !== null && one.copy.state !== 'failed' })),
  )
  return {
    policy,
    decisions: decisions.map(({ id: one, keep, words }, at) => {
      const { name = '', step = 0, bytes = 0 } = checkpoints[at] ?? {}
      return { id: one, name, step, bytes, keep, words }
    }),
  }
}

async function deleteOthers(
  { db, now, changes }: StorageContext,
  job: Job,
  { decisions }: PolicyAnswer,
): Promise<void> {
  const ids = decisions.filter(({ keep }) => !keep).map(({ id }) => id)
  if (ids.length === 0) return
  await db
    .updateTable('checkpoint')
    .set({ state: 'deleting', state_reason: 'By the rules of this job.', delete_ms: now() + restorableMs })
    .where('id', 'in', ids)
    .execute()
  noteSteering(changes, job.uid, 'checkpoints')
}
