import type { ColumnTypes } from '../migration.ts'

/** Commands to running jobs, the parameters that they declare and how those changed, and their checkpoints. */
export function steeringMigration(types: ColumnTypes): string[] {
  const { id, int64, float64, json } = types
  return [
    `alter table job_detail add column controls ${json}`,
    `alter table note add column subject_id ${int64}`,
    `create table command (
      id ${id},
      job_id ${int64} not null,
      attempt ${int64} not null,
      kind text not null,
      body ${json} not null,
      subject text,
      state text not null,
      member_id ${int64},
      note text,
      created_ms ${int64} not null,
      expires_ms ${int64} not null,
      delivered_ms ${int64},
      settled_ms ${int64},
      step ${float64},
      reason text
    )`,
    'create index command_by_job on command (job_id, id)',
    `create index command_open on command (job_id, id) where state in ('created', 'delivered')`,
    `create table parameter (
      job_id ${int64} not null,
      key text not null,
      attempt ${int64} not null,
      position ${int64} not null,
      declaration ${json} not null,
      value ${json} not null,
      revision ${int64} not null,
      changed_ms ${int64} not null,
      primary key (job_id, key)
    )`,
    `create table parameter_change (
      id ${id},
      job_id ${int64} not null,
      key text not null,
      attempt ${int64} not null,
      branch ${int64} not null,
      at_ms ${int64} not null,
      step ${float64},
      old ${json},
      value ${json} not null,
      cause text not null,
      command_id ${int64}
    )`,
    'create index parameter_change_by_job on parameter_change (job_id, id)',
    ...checkpointTable(types),
  ]
}

function checkpointTable({ id, int64, float64, bool, json }: ColumnTypes): string[] {
  return [
    `create table checkpoint (
      id ${id},
      job_id ${int64} not null,
      attempt ${int64} not null,
      branch ${int64} not null,
      name text not null,
      kind text not null,
      state text not null,
      state_reason text,
      delete_ms ${int64},
      time_ms ${int64} not null,
      step ${float64} not null,
      epoch ${float64},
      uri text not null,
      host text not null,
      bytes ${int64} not null,
      sha256 text,
      files ${int64} not null,
      took_ms ${float64} not null,
      covers ${json} not null,
      metrics ${json} not null,
      parameters ${json} not null,
      tags ${json} not null,
      description text,
      pinned ${bool} not null,
      command_id ${int64}
    )`,
    'create unique index checkpoint_by_name on checkpoint (job_id, name)',
    `create index checkpoint_leaving on checkpoint (delete_ms) where state = 'deleting'`,
  ]
}
