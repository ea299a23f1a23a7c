import { statfs } from 'node:fs/promises'
import type { SystemStatus } from '@pilothouse/contract'
import type { Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { judgeDisk } from './disk-level.ts'

export const systemHandlers: Handlers<'system.get' | 'system.usage'> = {
  'system.get': ({ resources }) => readSystem(resources),
  'system.usage': ({ query, resources }) => resources.storage.call('system.usage', query),
}

async function readSystem({ config, storage, hub, now, startedAt, meters }: Resources): Promise<SystemStatus> {
  const { pointsPerSecond, ...figures } = await storage.call('system.figures', null)
  const memory = process.memoryUsage()
  return {
    version: config.version,
    node: process.version,
    now: now(),
    startedAt,
    uptimeMs: now() - startedAt,
    ...figures,
    ingest: { ...meters.intake.read(), pointsPerSecond },
    live: hub.measure(),
    storageThread: storage.load(),
    process: {
      pid: process.pid,
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      utilisation: meters.thread.measure(),
    },
    disk: await measureDisk(config.dataFolder),
    troubles: meters.troubles.list(),
  }
}

async function measureDisk(folder: string): Promise<SystemStatus['disk']> {
  const { blocks, bavail, bsize } = await statfs(folder)
  const [totalBytes, freeBytes] = [blocks * bsize, bavail * bsize]
  return { folder, totalBytes, freeBytes, level: judgeDisk(totalBytes, freeBytes) }
}
