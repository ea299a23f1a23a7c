import type { ColumnTypes } from '../migration.ts'

/** Changes of jobs that wait for an admin, and who approved the commands that they became. */
export function proposalsMigration({ id, int64, json }: ColumnTypes): string[] {
  return [
    `alter table command add column approver_id ${int64}`,
    `create table proposal (
      id ${id},
      job_id ${int64} not null,
      attempt ${int64} not null,
      kind text not null,
      key text not null,
      body ${json} not null,
      state text not null,
      member_id ${int64} not null,
      note text,
      created_ms ${int64} not null,
      decided_ms ${int64},
      decider_id ${int64},
      reason text,
      command_id ${int64}
    )`,
    'create index proposal_by_job on proposal (job_id, id)',
    `create index proposal_open on proposal (job_id, id) where state = 'open'`,
  ]
}
