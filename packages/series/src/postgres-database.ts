/** The seam to a database on a PostgreSQL schema of our own: for tests, benchmarks, and tools that read a store by itself. */
import { seriesMigrations } from './migrations.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { adaptToPostgres, postgresColumnTypes } from './postgres-schema.ts'

/**
 * Connects, and makes the store's tables in the first schema of the search path where they are missing.
 * @throws PilothouseError `unavailable` when nobody answers there, or refuses.
 */
export async function openPostgresSeriesDatabase(url: string): Promise<PostgresConnection> {
  const database = await PostgresConnection.open({ url })
  await database.run('create table if not exists series_step (done bigint not null)')
  const [row] = await database.all('select count(*) as done from series_step')
  const waiting = seriesMigrations.slice(Number(row?.['done'] ?? 0))
  for (const [place, statements] of waiting.entries()) {
    await database.transaction(async () => {
      const all = statements(postgresColumnTypes).flatMap(adaptToPostgres)
      for (const statement of all) await database.run(statement)
      await database.run('insert into series_step (done) values (?)', [place])
    })
  }
  return database
}
