import type { ColumnTypes } from '../migration.ts'

/** Files of members: what they upload for batches, and what batches made. Their bytes lie on disk under `id`. */
export function filesMigration({ int64 }: ColumnTypes): string[] {
  return [
    `create table file (
      id text primary key,
      owner_id ${int64} not null,
      name text not null,
      purpose text not null,
      bytes ${int64} not null,
      created_ms ${int64} not null,
      expires_ms ${int64}
    )`,
    'create index file_by_owner on file (owner_id, id)',
    'create index file_by_end on file (expires_ms) where expires_ms is not null',
  ]
}
