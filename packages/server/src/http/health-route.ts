import { type Health, type Permission, PilothouseError, roleAllows } from '@pilothouse/contract'
import { identifyOrNull, readCredentials } from '../access/access-routes.ts'
import { readOverview } from '../batches/read-overview.ts'
import type { Resources } from '../resources.ts'
import type { StorageStatus } from '../storage/get-status.ts'
import type { Caller, Handlers } from './route.ts'

export const healthHandlers: Handlers<'health.get'> = {
  'health.get': async ({ resources, request }) => {
    const caller = await identifyOrNull(resources, readCredentials(request))
    const status = await readStatus(resources)
    const known = { ...judge(status), version: resources.config.version }
    if (status instanceof PilothouseError) return known
    return {
      ...known,
      ...(may(caller, 'training:view') ? { details: describe(status, resources) } : {}),
      ...(may(caller, 'batch:submit') ? { batches: await readOverview(resources) } : {}),
    }
  },
}

function may(caller: Caller | null, permission: Permission): boolean {
  return caller !== null && caller.jobUid === null && roleAllows(caller.role, permission)
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
