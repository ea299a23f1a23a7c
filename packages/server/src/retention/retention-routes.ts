import type { Handlers } from '../http/route.ts'

export const retentionHandlers: Handlers<'system.retention' | 'system.set-retention'> = {
  'system.retention': ({ resources }) => resources.storage.call('retention.get', null),
  'system.set-retention': ({ query, body, resources }) =>
    resources.storage.call('retention.set', { retention: body, dryRun: query.dryRun }),
}
