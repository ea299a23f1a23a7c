import type { Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { answerChange } from '../proposals/answer-change.ts'

export const scheduleHandlers: Handlers<'schedules.list' | 'schedules.create' | 'schedules.cancel'> = {
  'schedules.list': ({ params, resources }) => resources.storage.call('schedules.list', params),
  'schedules.create': ({ params: { uid }, body, caller, reply, resources: { storage, bell } }) =>
    answerChange(
      reply,
      bell.ringAfter(uid, storage.call('schedules.create', { uid, ...body, actor: actorOf(caller) })),
    ),
  'schedules.cancel': ({ params, caller, resources: { storage, bell } }) =>
    bell.ringAfter(params.uid, storage.call('schedules.cancel', { ...params, actor: actorOf(caller) })),
}
