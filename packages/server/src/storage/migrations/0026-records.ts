import type { ColumnTypes } from '../migration.ts'

/**
 * What is counted of jobs that have ended, a narrow row each: how long they waited and ran, what they had asked for and what
 * they used of it, and why they failed. Filled as jobs end; of older ones in the background.
 */
export function recordsMigration({ int64, float64 }: ColumnTypes): string[] {
  return [
    `create table job_record (
      job_id ${int64} not null primary key,
      project text not null,
      target text,
      partition_name text,
      owner_id ${int64} not null,
      state text not null,
      cause text,
      ended_ms ${int64} not null,
      waited_ms ${int64},
      ran_ms ${int64},
      last_ms ${int64},
      gpus ${int64} not null,
      gpu_kind text,
      hour_cost ${float64},
      asked_ms ${int64},
      asked_gpus ${int64},
      asked_bytes ${float64},
      busy ${float64},
      peak_bytes ${float64}
    )`,
    'create index job_record_by_project on job_record (project, ended_ms)',
    'create index job_record_by_target on job_record (target, ended_ms)',
  ]
}
