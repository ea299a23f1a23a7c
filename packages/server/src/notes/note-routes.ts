import type { Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'

type NoteRoute = 'notes.list' | 'notes.create' | 'notes.edit' | 'notes.delete' | 'notes.restore'

export const noteHandlers: Handlers<NoteRoute> = {
  'notes.list': ({ params, query, resources }) => resources.storage.call('notes.list', { uid: params.uid, query }),
  'notes.create': ({ params, body, caller, resources }) =>
    resources.storage.call('notes.create', { uid: params.uid, ...body, actor: actorOf(caller) }),
  'notes.edit': ({ params, body, caller, resources }) =>
    resources.storage.call('notes.edit', { ...params, ...body, actor: actorOf(caller) }),
  'notes.delete': async ({ params, caller, resources }) => {
    await resources.storage.call('notes.delete', { ...params, actor: actorOf(caller) })
  },
  'notes.restore': ({ params, caller, resources }) =>
    resources.storage.call('notes.restore', { ...params, actor: actorOf(caller) }),
}
