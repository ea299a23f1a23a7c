import type { ColumnTypes } from '../migration.ts'

/** Batches, the shards that workers lease of them, what has failed, how they went on, and what happened to them. */
export function batchesMigration(types: ColumnTypes): string[] {
  return [...listBatches(types), ...listParts(types)]
}

function listBatches({ int64, float64 }: ColumnTypes): string[] {
  return [
    `create table batch (
      id text primary key,
      owner_id ${int64} not null,
      parent_id text,
      idempotency_key text,
      name text not null,
      input_file_id text not null,
      output_file_id text not null,
      error_file_id text not null,
      endpoint text not null,
      model text,
      is_model_replaced ${int64} not null,
      is_ordered ${int64} not null,
      priority ${int64} not null,
      completion_window text not null,
      metadata text,
      files_life_s ${int64},
      status text not null,
      is_expiring ${int64} not null default 0,
      letters ${int64} not null default 0,
      notify_channel_id ${int64},
      faults text,
      total ${int64} not null,
      completed ${int64} not null,
      failed ${int64} not null,
      input_tokens ${int64} not null,
      cached_tokens ${int64} not null,
      output_tokens ${int64} not null,
      reasoning_tokens ${int64} not null,
      cost ${float64},
      output_bytes ${int64} not null,
      error_bytes ${int64} not null,
      served_ms ${int64} not null,
      point_every_ms ${int64} not null,
      created_ms ${int64} not null,
      expires_ms ${int64} not null,
      in_progress_ms ${int64},
      finalizing_ms ${int64},
      cancelling_ms ${int64},
      ended_ms ${int64}
    )`,
    'create index batch_by_owner on batch (owner_id, id)',
    'create unique index batch_by_key on batch (owner_id, idempotency_key) where idempotency_key is not null',
    "create index batch_open on batch (status) where status not in ('failed', 'completed', 'expired', 'cancelled')",
    'create index batch_by_parent on batch (parent_id) where parent_id is not null',
  ]
}

function listParts({ int64 }: ColumnTypes): string[] {
  return [
    `create table batch_shard (
      batch_id text not null,
      shard ${int64} not null,
      first ${int64} not null,
      count ${int64} not null,
      done text not null,
      is_done ${int64} not null,
      worker text,
      epoch ${int64} not null,
      lease_until_ms ${int64} not null,
      primary key (batch_id, shard)
    )`,
    'create index batch_shard_open on batch_shard (batch_id, lease_until_ms, shard) where is_done = 0',
    'create index batch_shard_by_worker on batch_shard (worker) where worker is not null',
    `create table dead_letter (
      batch_id text not null,
      line ${int64} not null,
      at ${int64} not null,
      custom_id text not null,
      code text not null,
      message text not null,
      status ${int64},
      attempts ${int64} not null,
      took_ms ${int64} not null,
      created_ms ${int64} not null,
      primary key (batch_id, line)
    )`,
    'create index dead_letter_by_code on dead_letter (batch_id, code)',
    `create table batch_point (
      batch_id text not null,
      at_ms ${int64} not null,
      completed ${int64} not null,
      failed ${int64} not null,
      input_tokens ${int64} not null,
      output_tokens ${int64} not null,
      primary key (batch_id, at_ms)
    )`,
    `create table batch_log (
      batch_id text not null,
      n ${int64} not null,
      at_ms ${int64} not null,
      level text not null,
      message text not null,
      primary key (batch_id, n)
    )`,
  ]
}
