import type { ColumnTypes } from '../migration.ts'

/** Rented machines, the accounts that they belong to, and what they cost by day. */
export function instancesMigration({ id, int64, float64 }: ColumnTypes): string[] {
  return [
    `create table provider_account (
      id ${id},
      owner_id ${int64} not null,
      name text not null unique,
      provider text not null,
      sealed_key text not null,
      url text,
      trusts_new_hosts ${int64} not null,
      created_ms ${int64} not null
    )`,
    `create table instance (
      id ${id},
      account_id ${int64} not null,
      name text not null,
      target text not null unique,
      facts text not null,
      first_seen_ms ${int64} not null,
      seen_ms ${int64} not null,
      gone_ms ${int64},
      job_uid text,
      stop_when_done ${int64} not null,
      unique (account_id, name)
    )`,
    `create index instance_by_job on instance (job_uid)`,
    `create table instance_cost (
      instance_id ${int64} not null,
      day_ms ${int64} not null,
      amount ${float64} not null,
      currency text not null,
      is_charged ${int64} not null,
      primary key (instance_id, day_ms)
    )`,
    `create index instance_cost_by_day on instance_cost (day_ms)`,
  ]
}
