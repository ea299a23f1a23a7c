/** Where measured things are stored: files of SQLite, unless `useDatabase` names a PostgreSQL. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { PostgresConnection } from '@pilothouse/series'

let server: string | undefined
const schemas = new Map<string, Promise<string>>()

/** From now on stores and servers of a measurement get a schema of their own there. */
export function useDatabase(url: string): void {
  server = url
}

/** Address of the schema that belongs to `folder`, made when it is asked for first; undefined for SQLite. */
export async function findDatabase(folder: string): Promise<string | undefined> {
  if (server === undefined) return undefined
  const known = schemas.get(folder) ?? makeSchema(server, `b${schemas.size}_${process.pid}`)
  schemas.set(folder, known)
  return known
}

async function makeSchema(url: string, name: string): Promise<string> {
  const connection = await PostgresConnection.open({ url })
  await connection.run(`create schema ${name}`)
  await connection.close()
  return `${url}?options=-csearch_path%3D${name}`
}

export type Reader = { count(sql: string): Promise<number>; close(): void | Promise<void> }

/** Reads beside the server what it stores for `dataFolder`; a query gives one row with the column `count`. */
export async function openReader(dataFolder: string): Promise<Reader> {
  const url = await findDatabase(dataFolder)
  if (url === undefined) {
    const database = new DatabaseSync(join(dataFolder, 'pilothouse.db'), { readOnly: true })
    return {
      count: async (sql) => Number(database.prepare(sql).get()?.['count']),
      close: () => database.close(),
    }
  }
  const connection = await PostgresConnection.open({ url })
  return {
    count: async (sql) => Number((await connection.all(sql))[0]?.['count']),
    close: () => connection.close(),
  }
}
