import type { Handlers } from '../http/route.ts'

export const alertHandlers: Handlers<'alerts.list'> = {
  'alerts.list': ({ query, resources }) => resources.storage.call('alerts.list', { query }),
}
