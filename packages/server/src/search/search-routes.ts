import type { Handlers } from '../http/route.ts'

export const searchHandlers: Handlers<'search.keys' | 'search.values'> = {
  'search.keys': ({ query, resources }) => resources.storage.call('search.keys', query),
  'search.values': ({ query, resources }) => resources.storage.call('search.values', query),
}
