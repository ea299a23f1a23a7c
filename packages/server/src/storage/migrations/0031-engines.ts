import type { ColumnTypes } from '../migration.ts'

/** Engines, where models answer requests. */
export function enginesMigration({ id, int64 }: ColumnTypes): string[] {
  return [
    `create table engine (
      id ${id},
      owner_id ${int64} not null,
      name text not null unique,
      base_url text not null,
      sealed_key text,
      concurrency_max ${int64},
      models text not null,
      are_models_given ${int64} not null,
      prices text not null,
      is_paused ${int64} not null,
      created_ms ${int64} not null,
      changed_ms ${int64} not null
    )`,
  ]
}
