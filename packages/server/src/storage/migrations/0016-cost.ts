import type { ColumnTypes } from '../migration.ts'

/** What an hour of a job costs, and by which rate card it was priced: 0 is the one of a server on which nobody set rates. */
export function costMigration({ int64, float64 }: ColumnTypes): string[] {
  return [
    `alter table job add column hour_cost ${float64}`,
    'alter table job add column hour_currency text',
    `alter table job_digest add column rates ${int64} not null default 0`,
  ]
}
