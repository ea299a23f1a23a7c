import type { JobsDeleted, JobsEdited, jobsDelete, jobsEdit } from '@pilothouse/contract'
import type { z } from 'zod'
import type { Author } from '../access/access-operations.ts'
import { toAuthor } from '../access/access.ts'
import type { Caller, Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import type { Actor } from '../storage/operation.ts'
import { actorOf } from './job-access.ts'

type JobRoute =
  | 'jobs.list'
  | 'jobs.current'
  | 'jobs.past'
  | 'jobs.statistics'
  | 'jobs.history'
  | 'usage.history'
  | 'jobs.get'
  | 'jobs.diagnosis'
  | 'jobs.performance'
  | 'jobs.put'
  | 'jobs.edit'
  | 'jobs.edit-many'
  | 'jobs.delete'
  | 'jobs.delete-many'
  | 'jobs.deleted'
  | 'jobs.restore'

export const jobHandlers: Handlers<JobRoute> = {
  'jobs.list': ({ query, caller, resources }) => resources.storage.call('jobs.list', { query, ...asker(caller) }),
  'jobs.current': ({ query, caller, resources }) =>
    resources.storage.call('jobs.list', { query, ...asker(caller), ended: false }),
  'jobs.past': ({ query, caller, resources }) =>
    resources.storage.call('jobs.list', { query, ...asker(caller), ended: true }),
  'jobs.statistics': ({ resources }) => resources.storage.call('jobs.statistics', null),
  'jobs.history': ({ query, caller, resources }) => resources.storage.call('jobs.history', { query, ...asker(caller) }),
  'jobs.get': ({ params, resources }) => resources.storage.call('jobs.get', params),
  'jobs.diagnosis': ({ params, resources }) => resources.storage.call('jobs.diagnosis', params),
  'jobs.performance': ({ params, resources }) => resources.storage.call('jobs.performance', params),
  'jobs.put': ({ params, body, caller, resources }) =>
    resources.storage.call('jobs.put', { uid: params.uid, body, actor: actorOf(caller) }),
  'usage.history': ({ query, caller, resources }) =>
    resources.storage.call('usage.history', { query, onlyUid: caller.jobUid }),
  'jobs.edit': ({ params, body, caller, resources }) =>
    resources.storage.call('jobs.edit', { uid: params.uid, patch: body, actor: actorOf(caller) }),
  'jobs.edit-many': ({ body, caller, request, resources }) =>
    editMany(resources, body, { actor: actorOf(caller), by: toAuthor(caller, request.ip) }),
  'jobs.delete': async ({ params, query, caller, resources }) => {
    await resources.storage.call('jobs.delete', { uid: params.uid, actor: actorOf(caller), now: query.now })
  },
  'jobs.delete-many': ({ body, caller, request, resources }) =>
    deleteMany(resources, body, { by: toAuthor(caller, request.ip), memberId: caller.memberId }),
  'jobs.deleted': ({ query, resources }) => resources.storage.call('jobs.deleted', query),
  'jobs.restore': ({ params, resources }) => resources.storage.call('jobs.restore', params),
}

function asker({ jobUid, memberId }: Caller) {
  return { onlyUid: jobUid, memberId }
}

/** Jobs of one slice, about 5 ms. */
const editedAtOnce = 50

/** Slice after slice; reports and questions come in between. */
async function editMany(
  { storage }: Resources,
  { uids, ...patch }: z.output<typeof jobsEdit>,
  who: { actor: Actor; by: Author },
): Promise<JobsEdited> {
  const all = [...new Set(uids)]
  const edited: JobsEdited = { uids: [], missing: 0, full: 0 }
  for (let at = 0; at < all.length; at += editedAtOnce) {
    const slice = await storage.call('jobs.edit-some', { uids: all.slice(at, at + editedAtOnce), patch, ...who })
    edited.uids.push(...slice.uids)
    edited.missing += slice.missing
    edited.full += slice.full
  }
  return edited
}

/** Slice after slice; reports and questions come in between. */
async function deleteMany(
  { storage }: Resources,
  { dryRun, now, ...filter }: z.output<typeof jobsDelete>,
  { by, memberId }: { by: Author; memberId: number },
): Promise<JobsDeleted> {
  const counted = await storage.call('jobs.count-deletable', { filter, memberId, now })
  if (dryRun) return { ...counted, dryRun }
  const { at, restorableUntil: purgeAt } = counted
  const done = { ...counted, dryRun, jobs: 0, bytes: 0 }
  for (let more = true; more;) {
    const slice = await storage.call('jobs.delete-some', { filter, at, purgeAt, by })
    done.jobs += slice.jobs
    done.bytes += slice.bytes
    more = slice.more
  }
  return done
}
