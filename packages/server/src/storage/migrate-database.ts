import { PilothouseError } from '@pilothouse/contract'
import type { SeriesDatabase } from '@pilothouse/series'
import type { ColumnTypes, Migration } from './migration.ts'

export type MigrateOptions = { migrations: readonly Migration[]; types: ColumnTypes; now: () => number }

/**
 * Brings the schema up to date, each migration in a transaction of its own. Returns the names of those that ran.
 * @throws PilothouseError `unavailable` when the database was written by a newer program.
 */
export async function migrateDatabase(database: SeriesDatabase, options: MigrateOptions): Promise<string[]> {
  const { migrations, types, now } = options
  await database.run(
    `create table if not exists migration (name text not null primary key, at_ms ${types.int64} not null)`,
  )
  const done = new Set((await database.all('select name from migration')).map((row) => String(row['name'])))
  refuseNewer([...done], migrations)
  const waiting = migrations.filter(({ name }) => !done.has(name))
  for (const { name, statements } of waiting) {
    await database.transaction(async () => {
      for (const statement of statements(types)) await database.run(statement)
      await database.run('insert into migration (name, at_ms) values (?, ?)', [name, now()])
    })
  }
  return waiting.map(({ name }) => name)
}

function refuseNewer(done: readonly string[], migrations: readonly Migration[]): void {
  const known = new Set(migrations.map(({ name }) => name))
  const newest = done
    .filter((name) => !known.has(name))
    .toSorted()
    .at(-1)
  if (newest === undefined) return
  throw new PilothouseError(
    'unavailable',
    `The data folder was written by a newer version of pilothouse: it has the schema step «${newest}», which this version does not know.`,
    { hint: 'Start the newer version again, or name another data folder with --data.' },
  )
}
