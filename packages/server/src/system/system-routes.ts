import { statfs } from 'node:fs/promises'
import type { SystemStatus } from '@pilothouse/contract'
import type { Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { judgeDisk } from './disk-level.ts'
import { expositionType, formatExposition } from './format-exposition.ts'
import { type Scraped, listFamilies } from './list-families.ts'

export const systemHandlers: Handlers<'system.get' | 'system.scrape' | 'system.usage'> = {
  'system.get': ({ resources }) => readSystem(resources),
  'system.scrape': async ({ resources, reply }) =>
    reply.type(expositionType).send(formatExposition(listFamilies(await readScraped(resources)))),
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

/** Two questions to the storage; the rest lies in memory. */
async function readScraped({ config, storage, work, engines, startedAt, meters }: Resources): Promise<Scraped> {
  const [figures, batches] = await Promise.all([
    storage.call('system.figures', null),
    storage.call('batches.figures', null),
  ])
  return {
    version: config.version,
    startedAt,
    residentBytes: process.memoryUsage.rss(),
    jobs: figures.jobs.byState,
    points: figures.store.points,
    ingest: { ...meters.intake.read(), pointsPerSecond: figures.pointsPerSecond },
    batches,
    workers: work.listWorkers(),
    engines: engines.listStates(),
  }
}

async function measureDisk(folder: string): Promise<SystemStatus['disk']> {
  const { blocks, bavail, bsize } = await statfs(folder)
  const [totalBytes, freeBytes] = [blocks * bsize, bavail * bsize]
  return { folder, totalBytes, freeBytes, level: judgeDisk(totalBytes, freeBytes) }
}
