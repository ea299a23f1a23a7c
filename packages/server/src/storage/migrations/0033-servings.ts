import type { ColumnTypes } from '../migration.ts'

/** Engines that are started from here. */
export function servingsMigration({ id, int64 }: ColumnTypes): string[] {
  return [
    `create table serving (
      id ${id},
      owner_id ${int64} not null,
      name text not null,
      model_name text not null,
      kind text not null,
      spec text not null,
      path text not null,
      source_uid text,
      checkpoint_id ${int64},
      job_uid text not null,
      port ${int64} not null,
      tries ${int64} not null,
      sealed_key text not null,
      state text not null,
      trouble text,
      engine_id ${int64},
      idle_minutes ${int64},
      created_ms ${int64} not null,
      ready_ms ${int64},
      used_ms ${int64},
      ended_ms ${int64}
    )`,
    `create unique index serving_job on serving (job_uid)`,
    `create index serving_state on serving (state)`,
  ]
}
