import type { ColumnTypes } from '../migration.ts'

/** Workers of batches that were launched from here, while their jobs are not over. */
export function launchedWorkersMigration({ int64 }: ColumnTypes): string[] {
  return [
    `create table launched_worker (
      job_uid text primary key,
      name text not null,
      target text not null,
      token_id ${int64} not null,
      sealed_token text not null,
      url text not null,
      far_port ${int64}
    )`,
  ]
}
