/** One PostgreSQL for all tests of a run that want one; each makes a schema of its own in it. */
import type { TestProject } from 'vitest/node'
import { Postgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where tests run on SQLite. */
    postgresUrl: string | null
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await Postgres.open()
  project.provide('postgresUrl', postgres.url)
  return () => postgres.stop()
}
