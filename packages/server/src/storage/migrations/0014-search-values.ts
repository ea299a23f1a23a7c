import type { ColumnTypes } from '../migration.ts'

/**
 * What jobs are searched and sorted by beside their own columns: values of metrics, configuration and summary, by key. The
 * rows of a key lie together, so a condition on it reads 10,000 of them in 2 ms instead of 15, and the jobs that report
 * now, whose numbers follow each other, share few pages when their values are written anew.
 */
export function searchValuesMigration({ dialect, id, int64, float64 }: ColumnTypes): string[] {
  return [
    `alter table job add column archived_ms ${int64}`,
    'alter table job add column diagnosis text',
    'create index job_by_archived on job (id) where archived_ms is not null',
    `create table value_key (
      id ${id},
      kind text not null,
      key text not null
    )`,
    'create unique index value_key_by_name on value_key (kind, key)',
    `create table job_value (
      key_id ${int64} not null,
      job_id ${int64} not null,
      number ${float64},
      low ${float64},
      high ${float64},
      word text,
      primary key (key_id, job_id)
    )${dialect === 'sqlite' ? ' without rowid' : ''}`,
    'create index job_value_by_job on job_value (job_id)',
    `create table job_digest (
      job_id ${int64} not null primary key,
      version ${int64} not null,
      at_ms ${int64} not null
    )`,
  ]
}
