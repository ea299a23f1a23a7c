/** Where a proposal begins: a change that its room has checked, written down for an admin instead of given to the job. */
import { type Proposal, type Proposed, PilothouseError, type ProposedChange, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { JobRow } from '../jobs/read-job.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { selectProposals, toProposal } from './read-proposals.ts'

type New = { changes: readonly ProposedChange[]; memberId: number; note: string | undefined }

/**
 * Proposes changes, each in the place of what the same person proposed before of this kind for this parameter.
 * @throws PilothouseError `conflict` when too many wait.
 */
export async function propose(context: StorageContext, job: JobRow, { changes, ...by }: New): Promise<Proposed> {
  const proposals: Proposal[] = []
  for (const change of changes) proposals.push(await addProposal(context, job, { change, ...by }))
  await dropDecided(context.db, job.id)
  noteSteering(context.changes, job.uid, 'proposals')
  const what = proposals.length === 1 ? 'Proposed' : `${proposals.length} changes proposed`
  const message = `${what}, and nothing is changed yet: in the project «${job.project}» an admin has to approve it.`
  return { proposals, message }
}

type One = { change: ProposedChange; memberId: number; note: string | undefined }

async function addProposal({ db, now }: StorageContext, job: JobRow, { change, memberId, note }: One) {
  const { kind, key } = change
  await db
    .updateTable('proposal')
    .set({ state: 'replaced', decided_ms: now(), decider_id: memberId })
    .where('job_id', '=', job.id)
    .where('state', '=', 'open')
    .where('member_id', '=', memberId)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .execute()
  await refuseTooMany(db, job.id)
  const { id } = await db
    .insertInto('proposal')
    .values({
      job_id: job.id,
      attempt: job.attempt,
      kind,
      key,
      body: JSON.stringify(change),
      state: 'open',
      member_id: memberId,
      note: note === undefined || note.trim() === '' ? null : note,
      created_ms: now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return toProposal(await selectProposals(db).where('proposal.id', '=', id).executeTakeFirstOrThrow())
}

async function refuseTooMany(db: Kysely<Tables>, jobId: number): Promise<void> {
  const { open } = await db
    .selectFrom('proposal')
    .select(({ fn }) => fn.countAll<number>().as('open'))
    .where('job_id', '=', jobId)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow()
  if (open < limits.openProposalsMax) return
  throw new PilothouseError('conflict', `${open} proposals wait for this job already, and no more may.`, {
    hint: 'Have an admin decide some, or withdraw those that are not wanted any more.',
  })
}

async function dropDecided(db: Kysely<Tables>, jobId: number): Promise<void> {
  const first = await db
    .selectFrom('proposal')
    .select('id')
    .where('job_id', '=', jobId)
    .where('state', '!=', 'open')
    .orderBy('id', 'desc')
    .offset(limits.jobProposalsMax)
    .limit(1)
    .executeTakeFirst()
  if (!first) return
  await db
    .deleteFrom('proposal')
    .where('job_id', '=', jobId)
    .where('state', '!=', 'open')
    .where('id', '<=', first.id)
    .execute()
}
