import type { Caller, Handlers } from '../http/route.ts'

type AlertRoute =
  | 'alerts.list'
  | 'alerts.edit-many'
  | 'alert-rules.list'
  | 'alert-rules.create'
  | 'alert-rules.replace'
  | 'alert-rules.delete'

export const alertHandlers: Handlers<AlertRoute> = {
  'alerts.list': ({ query, resources }) => resources.storage.call('alerts.list', { query }),
  'alerts.edit-many': ({ body, caller, resources }) =>
    resources.storage.call('alerts.edit', { ...body, memberName: caller.memberName }),
  'alert-rules.list': ({ resources }) => resources.storage.call('alert-rules.list', null),
  'alert-rules.create': ({ body, caller, resources }) =>
    resources.storage.call('alert-rules.create', { body, editor: toEditor(caller) }),
  'alert-rules.replace': ({ params, body, caller, resources }) =>
    resources.storage.call('alert-rules.replace', { id: params.id, body, editor: toEditor(caller) }),
  'alert-rules.delete': async ({ params, caller, resources }) => {
    await resources.storage.call('alert-rules.delete', { id: params.id, editor: toEditor(caller) })
  },
}

function toEditor({ memberId, permissions }: Caller): { memberId: number; all: boolean } {
  return { memberId, all: permissions.includes('training:admin') }
}
