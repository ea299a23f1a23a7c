import type { ColumnTypes } from '../migration.ts'

/** When the newest report of a job was made: of one that was sent later from a disk, long before it was heard. */
export function lastWordMigration({ int64 }: ColumnTypes): string[] {
  return [`alter table job add column word_ms ${int64}`]
}
