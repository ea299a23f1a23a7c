import { PilothouseError } from '@pilothouse/contract'
import type { Caller } from '../http/route.ts'
import type { Actor } from '../storage/operation.ts'

/** Whose jobs a caller may write. */
export function actorOf(caller: Caller | null): Actor {
  if (!caller) throw new PilothouseError('unauthenticated', 'Nobody is signed in.')
  return { memberId: caller.memberId, all: caller.permissions.includes('training:admin'), jobUid: caller.jobUid }
}

/** True when `actor` may write this job: it is its own, or it may write all; and its token is not bound to another job. */
export function mayWrite(actor: Actor, job: { uid: string; owner_id: number }): boolean {
  return mayTouch(actor, job.uid) && (actor.all || job.owner_id === actor.memberId)
}

/** True unless the token is bound to another job. */
export function mayTouch(actor: Actor, uid: string): boolean {
  return actor.jobUid === null || actor.jobUid === uid
}

/** What is said of a job that is not there, and of one that belongs to somebody else. */
export function jobNotFound(uid: string): PilothouseError {
  return new PilothouseError('notFound', `There is no job «${uid}».`, { field: 'uid' })
}
