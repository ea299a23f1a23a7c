import type { Handlers } from '../http/route.ts'
import { actorOf } from './job-access.ts'

type JobRoute =
  | 'jobs.list'
  | 'jobs.current'
  | 'jobs.past'
  | 'jobs.statistics'
  | 'jobs.get'
  | 'jobs.put'
  | 'jobs.edit'
  | 'jobs.delete'

export const jobHandlers: Handlers<JobRoute> = {
  'jobs.list': ({ query, caller, resources }) => resources.storage.call('jobs.list', { query, onlyUid: caller.jobUid }),
  'jobs.current': ({ query, caller, resources }) =>
    resources.storage.call('jobs.list', { query, onlyUid: caller.jobUid, ended: false }),
  'jobs.past': ({ query, caller, resources }) =>
    resources.storage.call('jobs.list', { query, onlyUid: caller.jobUid, ended: true }),
  'jobs.statistics': ({ resources }) => resources.storage.call('jobs.statistics', null),
  'jobs.get': ({ params, resources }) => resources.storage.call('jobs.get', params),
  'jobs.put': ({ params, body, caller, resources }) =>
    resources.storage.call('jobs.put', { uid: params.uid, body, actor: actorOf(caller) }),
  'jobs.edit': ({ params, body, caller, resources }) =>
    resources.storage.call('jobs.edit', { uid: params.uid, patch: body, actor: actorOf(caller) }),
  'jobs.delete': async ({ params, caller, resources }) => {
    await resources.storage.call('jobs.delete', { uid: params.uid, actor: actorOf(caller) })
  },
}
