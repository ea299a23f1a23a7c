import type { ColumnTypes } from '../migration.ts'

/** What each job takes in space. */
export function upkeepMigration({ int64 }: ColumnTypes): string[] {
  return [
    `create table job_size (
      job_id ${int64} not null primary key,
      points ${int64} not null,
      metric_bytes ${int64} not null,
      log_bytes ${int64} not null,
      file_bytes ${int64} not null,
      total_bytes ${int64} not null,
      measured_ms ${int64} not null
    )`,
    'create index job_size_by_bytes on job_size (total_bytes, job_id)',
  ]
}
