import { PilothouseError } from '@pilothouse/contract'
import type { Caller, Handlers } from '../http/route.ts'
import type { Viewer } from './views.ts'

type ViewRoute = 'views.list' | 'views.create' | 'views.edit' | 'views.delete'

export const viewHandlers: Handlers<ViewRoute> = {
  'views.list': ({ query, caller, resources }) =>
    resources.storage.call('views.list', { query, viewer: toViewer(caller) }),
  'views.create': ({ body, caller, resources }) => {
    if (body.isShared) refuseSharing(caller)
    return resources.storage.call('views.create', { body, viewer: toViewer(caller) })
  },
  'views.edit': ({ params, body, caller, resources }) => {
    if (body.isShared) refuseSharing(caller)
    return resources.storage.call('views.edit', { id: params.id, patch: body, viewer: toViewer(caller) })
  },
  'views.delete': async ({ params, caller, resources }) => {
    await resources.storage.call('views.delete', { id: params.id, viewer: toViewer(caller) })
  },
}

function toViewer({ memberId, permissions }: Caller): Viewer {
  return {
    memberId,
    all: permissions.includes('training:admin'),
    mayLaunch: permissions.includes('launches:create'),
  }
}

function refuseSharing({ permissions, role }: Caller): void {
  if (permissions.includes('training:manage')) return
  throw new PilothouseError(
    'forbidden',
    `To share a view takes the permission training:manage, which the role ${role} does not carry.`,
    { field: 'isShared', expected: 'training:manage' },
  )
}
