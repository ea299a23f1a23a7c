import type { ColumnTypes } from '../migration.ts'

/** Jobs that Slurm gets as elements of one array. */
export function arraysMigration({ int64 }: ColumnTypes): string[] {
  return [
    'alter table launch add column array_uid text',
    `alter table launch add column array_index ${int64}`,
    `alter table launch add column array_at_once ${int64}`,
    'create index launch_array on launch (array_uid) where array_uid is not null',
  ]
}
