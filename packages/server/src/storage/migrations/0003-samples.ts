import type { ColumnTypes } from '../migration.ts'

/** Samples, artifacts and alerts of jobs; their groups and job types; what a script says of its metrics. */
export function samplesMigration(types: ColumnTypes): string[] {
  return [...jobColumns(types), ...sampleTables(types), ...artifactTables(types), ...alertTables(types)]
}

function jobColumns({ int64, json }: ColumnTypes): string[] {
  return [
    'alter table job add column group_name text',
    'alter table job add column job_type text',
    `alter table job_detail add column metrics ${json}`,
    `alter table job_detail add column samples_left_out ${int64} not null default 0`,
    'create index job_by_group on job (group_name, created_ms, id) where group_name is not null',
    'create index job_by_job_type on job (job_type, created_ms, id) where job_type is not null',
  ]
}

function sampleTables({ id, int64, float64, json }: ColumnTypes): string[] {
  return [
    `create table sample (
      id ${id},
      job_id ${int64} not null,
      attempt ${int64} not null,
      branch ${int64} not null,
      key text not null,
      step ${float64} not null,
      place ${int64} not null,
      kind text not null,
      epoch ${float64},
      time_ms ${float64} not null,
      caption text,
      type text not null,
      bytes ${int64} not null,
      width ${int64},
      height ${int64},
      hash text,
      body ${json}
    )`,
    'create index sample_by_key on sample (job_id, key, step, id)',
    'create index sample_by_step on sample (job_id, step, id)',
    'create index sample_by_hash on sample (job_id, hash) where hash is not null',
    `create table sample_key (
      job_id ${int64} not null,
      key text not null,
      kinds ${json} not null,
      count ${int64} not null,
      bytes ${int64} not null,
      time_ms ${float64} not null,
      primary key (job_id, key)
    )`,
  ]
}

function artifactTables({ id, int64, float64, json }: ColumnTypes): string[] {
  return [
    `create table artifact (
      id ${id},
      job_id ${int64} not null,
      attempt ${int64} not null,
      name text not null,
      version ${int64} not null,
      kind text not null,
      direction text not null,
      uri text not null,
      host text,
      time_ms ${float64} not null,
      step ${float64},
      bytes ${int64},
      sha256 text,
      files ${json} not null,
      files_total ${int64} not null,
      metadata ${json} not null
    )`,
    'create unique index artifact_by_name on artifact (job_id, name, version)',
  ]
}

function alertTables({ id, int64, float64 }: ColumnTypes): string[] {
  return [
    `create table alert (
      id ${id},
      job_id ${int64} not null,
      attempt ${int64} not null,
      level text not null,
      title text not null,
      text text not null,
      step ${float64},
      time_ms ${float64} not null
    )`,
    'create index alert_by_job on alert (job_id, id)',
  ]
}
