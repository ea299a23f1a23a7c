import { PilothouseError } from '@pilothouse/contract'
import { type SeriesDatabase, adaptToPostgres } from '@pilothouse/series'
import type { ColumnTypes, Migration } from './migration.ts'

export type MigrateOptions = { migrations: readonly Migration[]; types: ColumnTypes; now: () => number }

/**
 * Brings the schema up to date, each migration in a transaction of its own. Returns the names of those that ran.
 * @throws PilothouseError `unavailable` when the database was written by a newer program.
 */
export async function migrateDatabase(database: SeriesDatabase, options: MigrateOptions): Promise<string[]> {
  const { migrations, types, now } = options
  const adapt = database.kind === 'postgres' ? adaptToPostgres : (statement: string) => [statement]
  if (database.kind === 'postgres') await refuseForeign(database)
  const journal = `create table if not exists migration (name text not null primary key, at_ms ${types.int64} not null)`
  for (const statement of adapt(journal)) await database.run(statement)
  const done = new Set((await database.all('select name from migration')).map((row) => String(row['name'])))
  refuseNewer([...done], migrations)
  const waiting = migrations.filter(({ name }) => !done.has(name))
  for (const { name, statements } of waiting) {
    await database.transaction(async () => {
      for (const statement of statements(types).flatMap(adapt)) await database.run(statement)
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
    `The data was written by a newer version of pilothouse: it has the schema step «${newest}», which this version does not know.`,
    {
      hint: 'Start the newer version again, or name another data folder with --data, another database with --database.',
    },
  )
}

const listTables =
  'select table_name from information_schema.tables where table_schema = current_schema() order by table_name'

/** A database that other things live in: our tables would stand among theirs, or under their names. */
async function refuseForeign(database: SeriesDatabase): Promise<void> {
  const names = (await database.all(listTables)).map((row) => String(row['table_name']))
  if (names.length === 0 || (names.includes('migration') && names.includes('job'))) return
  const some = names.slice(0, 3).join(', ')
  throw new PilothouseError('unavailable', `The database has tables already that pilothouse did not make: ${some}.`, {
    hint: 'Name an empty database with --database, or one that pilothouse has used before.',
  })
}
