import { type Health, PilothouseError, roleAllows } from '@pilothouse/contract'
import { identifyOrNull, readCredentials } from '../access/access-routes.ts'
import type { Resources } from '../resources.ts'
import type { StorageStatus } from '../storage/get-status.ts'
import type { Handlers } from './route.ts'

export const healthHandlers: Handlers<'health.get'> = {
  'health.get': async ({ resources, request }) => {
    const caller = await identifyOrNull(resources, readCredentials(request))
    const status = await readStatus(resources)
    const mayKnow = caller !== null && caller.jobUid === null && roleAllows(caller.role, 'training:view')
    const details = mayKnow && 'kind' in status ? { details: describe(status, resources) } : {}
    return { ...judge(status), version: resources.config.version, ...details }
  },
}

async function readStatus({ storage }: Resources): Promise<StorageStatus | PilothouseError> {
  return storage.call('storage.status', null).catch((error: unknown) => {
    if (error instanceof PilothouseError) return error
    throw error
  })
}

function judge(status: StorageStatus | PilothouseError): Pick<Health, 'status' | 'reason'> {
  if (status instanceof PilothouseError) return { status: 'degraded', reason: status.message }
  if (!status.writable) return { status: 'degraded', reason: 'The disk is full: nothing new can be stored.' }
  return { status: 'ok' }
}

function describe({ kind, bytes, writable, jobs, points }: StorageStatus, resources: Resources): Health['details'] {
  return {
    uptimeMs: resources.now() - resources.startedAt,
    memoryBytes: process.memoryUsage.rss(),
    database: { kind, bytes, writable },
    jobs,
    points,
    subscribers: resources.hub.subscriberCount,
  }
}
