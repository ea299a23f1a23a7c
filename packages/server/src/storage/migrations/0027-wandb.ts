import type { ColumnTypes } from '../migration.ts'

/** Keys of members for Weights & Biases, and the runs there that logs of jobs name. */
export function wandbMigration({ id, int64 }: ColumnTypes): string[] {
  return [
    `create table wandb_key (
      id ${id},
      owner_id ${int64} not null,
      base_url text not null,
      sealed text not null,
      user_name text,
      created_ms ${int64} not null,
      checked_ms ${int64},
      fault text
    )`,
    'create unique index wandb_key_of on wandb_key (owner_id, base_url)',
    `create table wandb_run (
      id ${id},
      job_id ${int64} not null,
      attempt ${int64} not null,
      base_url text not null,
      entity text not null,
      project text not null,
      run text not null,
      prefix text not null,
      name text,
      state text,
      status text not null,
      message text,
      next_step ${int64} not null,
      window_steps ${int64} not null,
      key_count ${int64} not null,
      own_keys ${int64} not null,
      synced_ms ${int64},
      heartbeat_ms ${int64},
      tries ${int64} not null,
      next_ms ${int64}
    )`,
    'create unique index wandb_run_of on wandb_run (job_id, base_url, entity, project, run)',
    'create index wandb_run_due on wandb_run (next_ms) where next_ms is not null',
  ]
}
