import type { ColumnTypes } from '../migration.ts'

/** Who writes into the database: one row, told anew by every server that starts on a PostgreSQL (owner-lease.ts). */
export function ownerMigration({ int64 }: ColumnTypes): string[] {
  return [
    `create table owner (
      id ${int64} not null primary key,
      epoch ${int64} not null,
      host text not null,
      pid ${int64} not null,
      backend ${int64} not null,
      taken_ms ${int64} not null,
      seen_ms ${int64} not null,
      released_ms ${int64}
    )`,
  ]
}
