import type { Proposal, ProposalList, ProposedChange } from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import { personOf } from '../commands/read-commands.ts'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation } from '../storage/operation.ts'
import type { ProposalTable } from '../storage/steering-tables.ts'
import type { Tables } from '../storage/tables.ts'

export type ProposalRow = Selectable<ProposalTable> & { member_name: string | null; decider_name: string | null }

/** What is proposed for a job: what waits first, then the newest. */
export const listProposals: Operation<{ uid: string }, ProposalList> = async ({ db }, { uid }) => {
  const { id } = await findJob(db, uid)
  const rows = await selectProposals(db)
    .where('proposal.job_id', '=', id)
    .orderBy((eb) => eb.case().when('proposal.state', '=', 'open').then(0).else(1).end())
    .orderBy('proposal.id', 'desc')
    .execute()
  return { proposals: rows.map(toProposal) }
}

/** Proposals with the names of who made and who decided them. */
export function selectProposals(db: Kysely<Tables>) {
  return db
    .selectFrom('proposal')
    .leftJoin('member', 'member.id', 'proposal.member_id')
    .leftJoin('member as decider', 'decider.id', 'proposal.decider_id')
    .selectAll('proposal')
    .select(['member.name as member_name', 'decider.name as decider_name'])
}

export function readChange({ body }: Pick<ProposalRow, 'body'>): ProposedChange {
  return parseJson<ProposedChange>(body)
}

export function toProposal(row: ProposalRow): Proposal {
  return {
    ...readChange(row),
    id: row.id,
    attempt: row.attempt,
    state: row.state,
    by: { id: row.member_id, name: row.member_name ?? 'unknown' },
    note: row.note,
    createdAt: row.created_ms,
    decidedAt: row.decided_ms,
    decidedBy: personOf(row.decider_id, row.decider_name),
    reason: row.reason,
    command: row.command_id,
  }
}
