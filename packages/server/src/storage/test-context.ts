/** What an operation works with, in this thread and at a time of the test's own: for rules that count days or minutes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSeriesStore } from '@pilothouse/series'
import { AlertEngine } from '../alerts/alert-engine.ts'
import { StatisticsCache } from '../jobs/get-statistics.ts'
import { SampleFiles } from '../samples/sample-files.ts'
import { RecentCount } from '../system/recent.ts'
import { JobCache } from '../telemetry/job-cache.ts'
import { type StorageContext, noChanges } from './operation.ts'
import { openTestDatabase } from './test-database.ts'

export type TestContext = { context: StorageContext; close(): Promise<void> }

/** Opens an empty database of the test run. */
export async function openTestContext(now: () => number): Promise<TestContext> {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-context-'))
  const { database, close } = await openTestDatabase()
  const context: StorageContext = {
    db: database.db,
    sql: database,
    jobs: new JobCache(),
    series: await openSeriesStore(database),
    alerts: new AlertEngine(),
    samples: new SampleFiles(folder),
    now,
    file: {
      kind: database.kind,
      sizes: () => database.sizes(),
      count: () => Promise.reject(new Error('Nobody counts here.')),
      writable: () => true,
    },
    statistics: new StatisticsCache(),
    pointsTaken: new RecentCount(),
    changes: noChanges(),
  }
  return {
    context,
    close: async () => {
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
