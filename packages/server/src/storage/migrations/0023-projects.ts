import type { ColumnTypes } from '../migration.ts'

/** Projects with source code. */
export function projectsMigration({ id, int64, json }: ColumnTypes): string[] {
  return [
    `create table project (
      id ${id},
      owner_id ${int64} not null,
      name text not null,
      kind text not null,
      place text not null,
      code ${json},
      read_ms ${int64},
      fault ${json},
      fault_ms ${int64},
      tried_ms ${int64},
      created_ms ${int64} not null
    )`,
    'create unique index project_by_name on project (name)',
  ]
}
