import type { ColumnTypes } from '../migration.ts'

/** How jobs were launched, and how they stand where they run. */
export function launchesMigration({ id, int64, bool, json }: ColumnTypes): string[] {
  return [
    `create table launch (
      id ${id},
      job_id ${int64} not null unique,
      uid text not null,
      member_id ${int64} not null,
      key text,
      target text not null,
      kind text not null,
      spec ${json} not null,
      script text,
      script_member_id ${int64},
      state text not null,
      steps ${json} not null,
      folder text,
      slurm_id text,
      attempt ${int64} not null,
      restarts ${int64} not null,
      standing ${json},
      log_from ${int64} not null,
      wanted text,
      unknown_ms ${int64},
      trouble ${json},
      looked_ms ${int64},
      is_kept ${bool} not null,
      created_ms ${int64} not null
    )`,
    'create index launch_by_key on launch (member_id, key)',
    `create index launch_open on launch (id) where state in ('preparing', 'following')`,
  ]
}
