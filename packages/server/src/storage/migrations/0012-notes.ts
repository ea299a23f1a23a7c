import type { ColumnTypes } from '../migration.ts'

/** What people write about jobs and about points of their curves. */
export function notesMigration({ id, int64, json }: ColumnTypes): string[] {
  return [
    `create table note (
      id ${id},
      job_id ${int64} not null,
      author_id ${int64} not null,
      created_ms ${int64} not null,
      edited_ms ${int64},
      editor_id ${int64},
      deleted_ms ${int64},
      text text not null,
      subject_kind text not null,
      subject ${json} not null
    )`,
    'create index note_by_job on note (job_id, id)',
    'create index note_by_deletion on note (deleted_ms) where deleted_ms is not null',
  ]
}
