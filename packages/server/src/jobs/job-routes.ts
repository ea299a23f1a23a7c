import type { JobsDeleted, jobsDelete } from '@pilothouse/contract'
import type { z } from 'zod'
import type { Author } from '../access/access-operations.ts'
import { toAuthor } from '../access/access.ts'
import type { Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { actorOf } from './job-access.ts'

type JobRoute =
  | 'jobs.list'
  | 'jobs.current'
  | 'jobs.past'
  | 'jobs.statistics'
  | 'jobs.get'
  | 'jobs.diagnosis'
  | 'jobs.performance'
  | 'jobs.put'
  | 'jobs.edit'
  | 'jobs.delete'
  | 'jobs.delete-many'
  | 'jobs.deleted'
  | 'jobs.restore'

export const jobHandlers: Handlers<JobRoute> = {
  'jobs.list': ({ query, caller, resources }) => resources.storage.call('jobs.list', { query, onlyUid: caller.jobUid }),
  'jobs.current': ({ query, caller, resources }) =>
    resources.storage.call('jobs.list', { query, onlyUid: caller.jobUid, ended: false }),
  'jobs.past': ({ query, caller, resources }) =>
    resources.storage.call('jobs.list', { query, onlyUid: caller.jobUid, ended: true }),
  'jobs.statistics': ({ resources }) => resources.storage.call('jobs.statistics', null),
  'jobs.get': ({ params, resources }) => resources.storage.call('jobs.get', params),
  'jobs.diagnosis': ({ params, resources }) => resources.storage.call('jobs.diagnosis', params),
  'jobs.performance': ({ params, resources }) => resources.storage.call('jobs.performance', params),
  'jobs.put': ({ params, body, caller, resources }) =>
    resources.storage.call('jobs.put', { uid: params.uid, body, actor: actorOf(caller) }),
  'jobs.edit': ({ params, body, caller, resources }) =>
    resources.storage.call('jobs.edit', { uid: params.uid, patch: body, actor: actorOf(caller) }),
  'jobs.delete': async ({ params, query, caller, resources }) => {
    await resources.storage.call('jobs.delete', { uid: params.uid, actor: actorOf(caller), now: query.now })
  },
  'jobs.delete-many': ({ body, caller, request, resources }) =>
    deleteMany(resources, body, toAuthor(caller, request.ip)),
  'jobs.deleted': ({ query, resources }) => resources.storage.call('jobs.deleted', query),
  'jobs.restore': ({ params, resources }) => resources.storage.call('jobs.restore', params),
}

/** Slice after slice; reports and questions come in between. */
async function deleteMany(
  { storage }: Resources,
  { dryRun, now, ...filter }: z.output<typeof jobsDelete>,
  by: Author,
): Promise<JobsDeleted> {
  const counted = await storage.call('jobs.count-deletable', { filter, now })
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
