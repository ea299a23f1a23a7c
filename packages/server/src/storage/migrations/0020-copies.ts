import type { ColumnTypes } from '../migration.ts'

/** Copies of checkpoints in the control room, and what is known of the files of checkpoints. */
export function copiesMigration({ id, int64 }: ColumnTypes): string[] {
  return [
    `create table checkpoint_copy (
      id ${id},
      job_id ${int64} not null,
      checkpoint_id ${int64} not null,
      state text not null,
      reason text,
      sha256 text not null,
      bytes ${int64} not null,
      received ${int64} not null,
      command_id ${int64},
      member_id ${int64} not null,
      created_ms ${int64} not null,
      changed_ms ${int64} not null
    )`,
    `create unique index checkpoint_copy_of on checkpoint_copy (checkpoint_id) where state <> 'removing'`,
    'create index checkpoint_copy_by_job on checkpoint_copy (job_id)',
    `create index checkpoint_copy_open on checkpoint_copy (id) where state in ('waiting', 'copying', 'removing')`,
    `alter table checkpoint add column fault_ms ${int64}`,
    `alter table checkpoint add column seen_ms ${int64}`,
    `alter table checkpoint add column summed_ms ${int64}`,
    `alter table checkpoint add column looked_ms ${int64}`,
    'alter table checkpoint add column device text',
    'alter table checkpoint add column hidden_reason text',
    `alter table checkpoint add column hidden_ms ${int64}`,
  ]
}
