import type { ColumnTypes } from '../migration.ts'

/** Deleted jobs that can be restored, and what a rule of retention took from a job. */
export function retentionMigration({ int64, json }: ColumnTypes): string[] {
  return [
    `create table deleted_job (
      job_id ${int64} not null primary key,
      uid text not null,
      name text not null,
      project text not null,
      state text not null,
      deleted_ms ${int64} not null,
      purge_ms ${int64} not null,
      member_id ${int64},
      rows ${json} not null
    )`,
    'create index deleted_job_by_uid on deleted_job (uid)',
    'create index deleted_job_by_deleted on deleted_job (deleted_ms, job_id)',
    'create index deleted_job_by_purge on deleted_job (purge_ms)',
    `alter table job add column data_removed_ms ${int64}`,
    'create index job_by_end on job (ended_ms, id)',
  ]
}
