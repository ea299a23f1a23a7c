/** A real storage thread on a folder of its own, for tests: jobs made and reports sent as the routes do it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type JobCreate,
  type JobCreated,
  type MetricAnswer,
  type Report,
  type ReportAck,
  decodeMetricAnswer,
  encodeReport,
  jobCreate,
  metricQuery,
} from '@pilothouse/contract'
import type { StorageSettings } from './messages.ts'
import type { Actor } from './operation.ts'
import { startStorage } from './start-storage.ts'
import type { LiveUpdate, StorageClient } from './storage-client.ts'
import { makeTestDatabase } from './test-database.ts'

export type TestStorage = {
  storage: StorageClient
  folder: string
  /** Undefined on SQLite. */
  databaseUrl: string | undefined
  /** The first admin. */
  admin: Actor
  put(uid: string, body?: Partial<JobCreate>, actor?: Actor): Promise<JobCreated>
  /** Sends a report; its number follows the writer's last one unless it is given. */
  report(uid: string, parts?: Partial<Report>, format?: 'frame' | 'json'): Promise<ReportAck>
  query(uid: string, query?: Record<string, unknown>): Promise<MetricAnswer>
  /** Closes the thread and opens another on the same folder. */
  reopen(settings?: Partial<StorageSettings>): Promise<void>
  close(): Promise<void>
}

/** Opens a storage on a new folder, or on one that is there; its database is that of the test run. */
export async function openTestStorage(settings: Partial<StorageSettings> = {}): Promise<TestStorage> {
  const folder = settings.dataFolder ?? (await mkdtemp(join(tmpdir(), 'pilothouse-storage-')))
  const database = settings.dataFolder === undefined ? await makeTestDatabase() : undefined
  const databaseUrl = settings.databaseUrl ?? database?.url
  const start = (more: Partial<StorageSettings>) =>
    startStorage({ lostAfterMs: 900_000, digestDelayMs: 20, databaseUrl, ...settings, ...more, dataFolder: folder })
  const numbers = new Map<string, number>()
  let storage = await start({})
  const { id } = await storage.call('access.ensure-admin', { name: 'admin' })
  const admin: Actor = { memberId: id, all: true, jobUid: null }
  return {
    get storage() {
      return storage
    },
    folder,
    databaseUrl,
    admin,
    put: (uid, body = {}, actor = admin) => storage.call('jobs.put', { uid, body: jobCreate.parse(body), actor }),
    report: (uid, parts = {}, format = 'frame') => {
      const report = numberReport(numbers, uid, parts)
      return storage.call('telemetry.append', {
        uid,
        actor: admin,
        format,
        bytes: format === 'frame' ? encodeReport(report) : toJson(report),
      })
    },
    query: async (uid, query = {}) =>
      decodeMetricAnswer(
        await storage.call('metrics.query', { uid, query: metricQuery.parse(query), format: 'frame' }),
      ),
    reopen: async (more = {}) => {
      await storage.close()
      storage = await start(more)
    },
    close: async () => {
      await storage.close()
      await database?.remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves with the first update that `pick` wants. */
export function waitForUpdate<Wanted>(
  storage: StorageClient,
  pick: (update: LiveUpdate) => Wanted | undefined,
): Promise<Wanted> {
  return new Promise((resolve) => {
    const stop = storage.subscribe((updates) => {
      const found = updates.map(pick).find((one) => one !== undefined)
      if (found === undefined) return
      stop()
      resolve(found)
    })
  })
}

/** Points of one source with steps from `first` on, one second apart. */
export function pointsOf(
  keys: Record<string, number[]>,
  { first = 0, source = 'job', time = Date.now() }: { first?: number; source?: string; time?: number } = {},
): Report['points'][number] {
  const rows = Object.values(keys)[0]?.length ?? 0
  const steps = Array.from({ length: rows }, (_, row) => first + row)
  return {
    source,
    keys: Object.keys(keys),
    steps,
    times: steps.map((_, row) => time + row * 1_000),
    values: Object.values(keys),
  }
}

export function linesOf(
  lines: string[],
  stream: 'stdout' | 'stderr' = 'stdout',
  open?: string,
): Report['logs'][number] {
  return { stream, times: lines.map(() => Date.now()), lines, ...(open === undefined ? {} : { open }) }
}

function numberReport(numbers: Map<string, number>, uid: string, parts: Partial<Report>): Report {
  const { writer = 'w1', attempt = 1 } = parts
  const name = `${uid}/${attempt}/${writer}`
  const number = parts.number ?? (numbers.get(name) ?? 0) + 1
  numbers.set(name, number)
  return { role: 'sdk', sentAt: Date.now(), logs: [], stages: [], points: [], ...parts, writer, attempt, number }
}

/** The JSON form: non-finite numbers as words. */
export function toJson(report: unknown): Uint8Array {
  const text = JSON.stringify(report, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array) // columns are the only views in a report
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
  })
  return new TextEncoder().encode(text)
}
