import type { Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'

export const scheduleHandlers: Handlers<'schedules.list' | 'schedules.create' | 'schedules.cancel'> = {
  'schedules.list': ({ params, resources }) => resources.storage.call('schedules.list', params),
  'schedules.create': ({ params: { uid }, body, caller, resources: { storage, bell } }) =>
    bell.ringAfter(uid, storage.call('schedules.create', { uid, ...body, actor: actorOf(caller) })),
  'schedules.cancel': ({ params, caller, resources: { storage, bell } }) =>
    bell.ringAfter(params.uid, storage.call('schedules.cancel', { ...params, actor: actorOf(caller) })),
}
