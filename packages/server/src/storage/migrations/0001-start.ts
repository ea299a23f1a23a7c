import type { ColumnTypes } from '../migration.ts'

/** Jobs with their attempts, branches, stages, writers and logs; members, tokens, audit and settings. */
export function startMigration(types: ColumnTypes): string[] {
  return [...jobTables(types), ...attemptTables(types), ...logTables(types), ...accessTables(types)]
}

function jobTables({ id, int64, float64, json }: ColumnTypes): string[] {
  return [
    `create table job (
      id ${id},
      uid text not null unique,
      kind text not null,
      owner_id ${int64} not null,
      project text not null,
      name text not null,
      state text not null,
      state_reason text,
      model text,
      model_type text,
      dataset text,
      target text,
      tags ${json} not null,
      commit_id text,
      total_steps ${float64},
      total_epochs ${float64},
      stage text,
      declared_stages ${json},
      created_ms ${int64} not null,
      started_ms ${int64},
      ended_ms ${int64},
      heard_ms ${int64},
      attempt ${int64} not null,
      branch ${int64} not null,
      clock_offset_ms ${float64},
      gpus ${int64} not null,
      version ${int64} not null,
      error_message text,
      search text not null,
      progress ${json},
      headline ${json}
    )`,
    `create table job_detail (
      job_id ${int64} not null primary key,
      config ${json} not null,
      recipe ${json},
      hardware ${json} not null,
      summary ${json} not null,
      notes text,
      error ${json}
    )`,
    'create index job_by_created on job (created_ms, id)',
    'create index job_by_state on job (state, created_ms, id)',
    'create index job_by_project on job (project, created_ms, id)',
    'create index job_by_target on job (target, created_ms, id)',
    'create index job_by_owner on job (owner_id, created_ms, id)',
    'create index job_by_name on job (name, id)',
    `create table job_tag (tag text not null, job_id ${int64} not null, primary key (tag, job_id))`,
    'create index job_tag_by_job on job_tag (job_id)',
    `create table removal (job_id ${int64} not null primary key, at_ms ${int64} not null)`,
  ]
}

function attemptTables({ int64, float64, bool, json }: ColumnTypes): string[] {
  return [
    `create table attempt (
      job_id ${int64} not null,
      number ${int64} not null,
      owner_id ${int64} not null,
      claim text,
      state text not null,
      state_role text,
      host text,
      pid ${int64},
      created_ms ${int64} not null,
      started_ms ${int64},
      ended_ms ${int64},
      exit_code ${int64},
      signal text,
      error ${json},
      clock_offset_ms ${float64},
      sdk_spoke ${bool} not null,
      log_lines ${int64} not null,
      log_bytes ${int64} not null,
      log_debug ${int64} not null,
      log_info ${int64} not null,
      log_warning ${int64} not null,
      log_error ${int64} not null,
      log_open text,
      primary key (job_id, number)
    )`,
    'create unique index attempt_by_claim on attempt (job_id, claim) where claim is not null',
    'create index attempt_by_owner on attempt (owner_id, claim) where claim is not null',
    'create index attempt_by_started on attempt (started_ms)',
    `create table branch (
      job_id ${int64} not null,
      number ${int64} not null,
      parent ${int64},
      fork_step ${float64},
      created_ms ${int64} not null,
      primary key (job_id, number)
    )`,
    `create table stage (
      job_id ${int64} not null,
      attempt ${int64} not null,
      position ${int64} not null,
      name text not null,
      state text not null,
      started_ms ${int64},
      ended_ms ${int64},
      done ${float64},
      total ${float64},
      primary key (job_id, attempt, position)
    )`,
    `create table writer (
      job_id ${int64} not null,
      attempt ${int64} not null,
      writer text not null,
      upto ${int64} not null,
      beyond ${json} not null,
      primary key (job_id, attempt, writer)
    )`,
  ]
}

function logTables({ int64, blob, bool }: ColumnTypes): string[] {
  return [
    `create table log_segment (
      job_id ${int64} not null,
      attempt ${int64} not null,
      first_line ${int64} not null,
      lines ${int64} not null,
      first_byte ${int64} not null,
      bytes ${int64} not null,
      debug ${int64} not null,
      info ${int64} not null,
      warning ${int64} not null,
      error ${int64} not null,
      packed ${bool} not null,
      data ${blob} not null,
      primary key (job_id, attempt, first_line)
    )`,
    'create index log_segment_by_byte on log_segment (job_id, attempt, first_byte)',
    'create index log_segment_unpacked on log_segment (job_id, attempt, first_line, bytes) where packed = 0',
  ]
}

function accessTables({ id, int64, json }: ColumnTypes): string[] {
  return [
    `create table member (
      id ${id},
      name text not null unique,
      role text not null,
      created_ms ${int64} not null,
      disabled_ms ${int64}
    )`,
    `create table token (
      id ${id},
      hash text not null unique,
      kind text not null,
      member_id ${int64} not null,
      role text not null,
      name text not null,
      job_uid text,
      attempt ${int64},
      created_ms ${int64} not null,
      expires_ms ${int64},
      revoked_ms ${int64},
      used_ms ${int64}
    )`,
    'create index token_by_member on token (member_id)',
    'create index token_by_job on token (job_uid)',
    `create table audit (
      id ${id},
      at_ms ${int64} not null,
      member_id ${int64},
      token_id ${int64},
      action text not null,
      subject text,
      detail ${json},
      address text
    )`,
    'create index audit_by_subject on audit (subject, id)',
    `create table setting (key text not null primary key, value ${json} not null)`,
  ]
}
