import type { ColumnTypes } from '../migration.ts'

/** At which epoch something was done to a job. */
export function epochsMigration({ float64 }: ColumnTypes): string[] {
  return [
    `alter table parameter_change add column epoch ${float64}`,
    `alter table branch add column fork_epoch ${float64}`,
  ]
}
