/** Where a test keeps what it stores: in the file of its data folder, or in a schema of its own on PostgreSQL. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { PostgresConnection, type SqlRow, type SqlValue, postgresColumnTypes } from '@pilothouse/series'
import { inject } from 'vitest'
import { migrateDatabase } from './migrate-database.ts'
import { migrations, sqliteTypes } from './migrations.ts'
import { openPostgres } from './postgres-database.ts'
import { openSqlite } from './sqlite-database.ts'
import type { StorageDatabase } from './storage-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where tests run on SQLite. */
    postgresUrl: string | null
  }
}

export type TestDatabase = {
  /** Undefined for SQLite. */
  url: string | undefined
  remove(): Promise<void>
}

export function databaseKind(): 'sqlite' | 'postgres' {
  return inject('postgresUrl') === null ? 'sqlite' : 'postgres'
}

export async function makeTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  if (server === null) return { url: undefined, remove: () => Promise.resolve() }
  const schema = `t${randomBytes(8).toString('hex')}`
  await administer(server, `create schema ${schema}`)
  return {
    url: `${server}?options=-csearch_path%3D${schema}`,
    remove: () => administer(server, `drop schema ${schema} cascade`),
  }
}

/** The database itself, with its tables, for tests of what lies below the storage thread. */
export async function openTestDatabase(): Promise<{ database: StorageDatabase; close(): Promise<void> }> {
  const { url, remove } = await makeTestDatabase()
  const database = url === undefined ? openSqlite(':memory:') : await openPostgres({ ...quiet, url })
  if (url === undefined) await migrateDatabase(database, { migrations, types: sqliteTypes, now: () => 0 })
  return {
    database,
    close: async () => {
      await database.close()
      await remove()
    },
  }
}

const fail = (error: Error) => {
  throw error
}
const quiet = {
  pid: process.pid,
  migrate: (database: StorageDatabase) =>
    migrateDatabase(database, { migrations, types: postgresColumnTypes, now: () => 0 }),
  onLost: fail,
  onBack: () => undefined,
  onReplaced: fail,
}

/** Reads or changes what a storage that is closed has kept. */
export async function askDatabase(
  { folder, databaseUrl }: { folder: string; databaseUrl: string | undefined },
  sql: string,
  parameters: readonly SqlValue[] = [],
): Promise<SqlRow[]> {
  const connection =
    databaseUrl === undefined
      ? openSqlite(join(folder, 'pilothouse.db'))
      : await PostgresConnection.open({ url: databaseUrl })
  const rows = await connection.transaction(() => connection.all(sql, parameters))
  await connection.close()
  return rows
}

/** Runs one statement on a connection of its own. */
export async function administer(url: string, sql: string): Promise<void> {
  const connection = await PostgresConnection.open({ url })
  await connection.run(sql)
  await connection.close()
}
