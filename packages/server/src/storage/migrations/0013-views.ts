import type { ColumnTypes } from '../migration.ts'

/** Saved views, and the one that a page opens with for a member. */
export function viewsMigration({ id, int64, bool }: ColumnTypes): string[] {
  return [
    `create table saved_view (
      id ${id},
      owner_id ${int64} not null,
      page text not null,
      project text,
      name text not null,
      search text not null,
      is_shared ${bool} not null,
      created_ms ${int64} not null,
      updated_ms ${int64} not null
    )`,
    'create index saved_view_by_page on saved_view (page, name, id)',
    'create index saved_view_by_owner on saved_view (owner_id, page)',
    `create table view_default (
      member_id ${int64} not null,
      page text not null,
      view_id ${int64} not null,
      primary key (member_id, page)
    )`,
    'create index view_default_by_view on view_default (view_id)',
  ]
}
