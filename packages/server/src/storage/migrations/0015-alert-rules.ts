import type { ColumnTypes } from '../migration.ts'

/**
 * Rules that raise alerts, what became of an alert, channels that tell of it, and each telling. Alerts of before were told
 * by scripts and are old news, so they count as resolved.
 */
export function alertRulesMigration({ id, int64, float64, bool, json }: ColumnTypes): string[] {
  return [
    `alter table alert add column rule_id ${int64}`,
    'alter table alert add column rule_name text',
    'alter table alert add column source text',
    'alter table alert add column key text',
    `alter table alert add column value ${float64}`,
    'alter table alert add column state text',
    `alter table alert add column status text not null default 'resolved'`,
    `alter table alert add column changed_ms ${int64} not null default 0`,
    'alter table alert add column changed_by text',
    `create index alert_open on alert (id) where status <> 'resolved'`,
    'create index alert_by_rule on alert (rule_id, job_id, id) where rule_id is not null',
    `create table alert_rule (
      id ${id},
      owner_id ${int64} not null,
      name text not null,
      enabled ${bool} not null,
      rule ${json} not null,
      created_ms ${int64} not null,
      changed_ms ${int64} not null,
      since_ms ${int64} not null
    )`,
    `create table channel (
      id ${id},
      owner_id ${int64} not null,
      kind text not null,
      name text not null,
      enabled ${bool} not null,
      target text not null,
      sealed text not null,
      created_ms ${int64} not null,
      changed_ms ${int64} not null
    )`,
    `create table delivery (
      id ${id},
      channel_id ${int64} not null,
      event text not null,
      status text not null,
      message ${json} not null,
      created_ms ${int64} not null,
      tries ${int64} not null,
      tried_ms ${int64},
      next_ms ${int64},
      error text
    )`,
    'create index delivery_by_channel on delivery (channel_id, id)',
    `create index delivery_due on delivery (next_ms) where status = 'waiting'`,
  ]
}
