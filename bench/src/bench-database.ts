/** Where measured things are stored: files of SQLite, unless `useDatabase` names a PostgreSQL. */
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
