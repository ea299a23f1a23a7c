import type { ColumnTypes } from '../migration.ts'

/** Logs on rented machines that are followed, and the job that each became. */
export function instanceLogsMigration({ int64 }: ColumnTypes): string[] {
  return [
    `create table instance_log (
      instance_id ${int64} primary key,
      place text not null,
      job_uid text not null
    )`,
  ]
}
