import type { ColumnTypes } from '../migration.ts'

/** Schedules that move parameters of jobs, presets of parameters, and rules for which checkpoints stay. */
export function schedulesMigration({ id, int64, json }: ColumnTypes): string[] {
  return [
    `alter table job_detail add column checkpoint_policy ${json}`,
    `create table schedule (
      id ${int64} primary key,
      job_id ${int64} not null,
      attempt ${int64} not null,
      key text not null,
      schedule ${json} not null,
      state ${json} not null,
      phase text not null,
      reason text,
      member_id ${int64},
      note text,
      created_ms ${int64} not null,
      changed_ms ${int64} not null
    )`,
    'create index schedule_by_job on schedule (job_id, id)',
    `create table preset (
      id ${id},
      owner_id ${int64} not null,
      name text not null,
      project text,
      preset_values ${json} not null,
      created_ms ${int64} not null
    )`,
  ]
}
