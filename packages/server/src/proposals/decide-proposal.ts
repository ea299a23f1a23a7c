/** How a proposal ends: an admin approves or declines it, its author takes it back, or its job has ended. Each only once. */
import {
  type Command,
  type JobState,
  PilothouseError,
  type Proposal,
  type ProposalState,
  proposalTransitions,
} from '@pilothouse/contract'
import { findSteerable, findWritableJob } from '../commands/give-command.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { changeParameter, checkChange, explainConflict } from '../parameters/set-parameter.ts'
import { checkNewSchedule, giveSchedule, isMoved } from '../schedules/schedules.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import { type ProposalRow, readChange, selectProposals, toProposal } from './read-proposals.ts'

type Which = { uid: string; id: number; actor: Actor }

/**
 * Gives a proposed change to the job, as what its author wants and `actor` approves. All is checked anew.
 * @throws PilothouseError `conflict` when it is decided already, the job cannot be told now, or its parameter has changed
 * since; `invalid` or `notFound` when the job would not take it any more.
 */
export const approveProposal: Operation<Which & { revision?: number | undefined }, Command> = async (
  context,
  { uid, id, actor, revision },
) => {
  const { job, row } = await findUndecided(context, { uid, id, actor }, 'approved')
  const change = readChange(row)
  await findSteerable(context.db, { uid, actor, kind: change.kind })
  const given = { memberId: row.member_id, approverId: actor.memberId, note: row.note ?? undefined }
  let command: Command
  if (change.kind === 'set') {
    const parameter = await checkChange(context, job, change)
    const isOther = parameter.revision !== (revision ?? change.revision)
    // What a schedule moves has another revision with every report: nobody could name the newest.
    if (isOther && !(await isMoved(context.db, job, change.key))) {
      const since = revision === undefined ? 'this was proposed' : 'you looked'
      throw await explainConflict(context, job, parameter, { since, again: 'approve it' })
    }
    command = await changeParameter(context, job, { ...given, row: parameter, value: change.value })
  } else {
    await checkNewSchedule(context, job, change.schedule)
    command = await giveSchedule(context, job, { ...given, schedule: change.schedule })
  }
  await decide(context, job, row, { state: 'approved', deciderId: actor.memberId, commandId: command.id })
  return command
}

export const declineProposal: Operation<Which & { reason?: string | undefined }, Proposal> = async (
  context,
  { reason, ...which },
) => {
  const { job, row } = await findUndecided(context, which, 'declined')
  const given = reason?.trim() === '' ? null : (reason ?? null)
  return decide(context, job, row, { state: 'declined', deciderId: which.actor.memberId, reason: given })
}

/** @throws PilothouseError `notFound`, also for that of somebody else. */
export const withdrawProposal: Operation<Which, Proposal> = async (context, which) => {
  const { job, row } = await findUndecided(context, which, 'withdrawn')
  return decide(context, job, row, { state: 'withdrawn', deciderId: which.actor.memberId })
}

async function findUndecided(
  { db }: StorageContext,
  { uid, id, actor }: Which,
  to: ProposalState,
): Promise<{ job: JobRow; row: ProposalRow }> {
  const job = await findWritableJob(db, uid, actor)
  const row = await selectProposals(db)
    .where('proposal.id', '=', id)
    .where('proposal.job_id', '=', job.id)
    .$if(to === 'withdrawn', (builder) => builder.where('proposal.member_id', '=', actor.memberId))
    .executeTakeFirst()
  if (!row) {
    const of = to === 'withdrawn' ? ' of yours' : ''
    throw new PilothouseError('notFound', `This job has no proposal ${id}${of}.`, { field: 'id' })
  }
  if (!proposalTransitions[row.state].includes(to))
    throw new PilothouseError('conflict', `Proposal ${id} is decided already: ${explainState(row)}.`, {
      hint: 'Nothing has been done. The list of proposals shows what waits.',
    })
  return { job, row }
}

function explainState({ state, decider_name, command_id, reason }: ProposalRow): string {
  const who = decider_name ?? 'somebody'
  switch (state) {
    case 'open':
      return 'it waits'
    case 'approved':
      return `${who} approved it, and it became command ${command_id ?? '–'}`
    case 'declined':
      return `${who} declined it`
    case 'withdrawn':
      return `${who}, who proposed it, has withdrawn it`
    case 'replaced':
      return `${who}, who proposed it, has proposed another change of this parameter since`
    case 'expired':
      return `it expired. ${reason?.replace(/\.$/, '') ?? ''}`
    default:
      return state satisfies never
  }
}

type Decision = {
  state: Exclude<ProposalState, 'open'>
  /** null: pilothouse itself. */
  deciderId: number | null
  reason?: string | null
  commandId?: number
}

async function decide(
  { db, now, changes }: StorageContext,
  { uid }: { uid: string | null },
  { id }: Pick<ProposalRow, 'id'>,
  { state, deciderId, reason = null, commandId }: Decision,
): Promise<Proposal> {
  await db
    .updateTable('proposal')
    .set({ state, decided_ms: now(), decider_id: deciderId, reason, command_id: commandId ?? null })
    .where('id', '=', id)
    .execute()
  if (uid !== null) noteSteering(changes, uid, 'proposals')
  return toProposal(await selectProposals(db).where('proposal.id', '=', id).executeTakeFirstOrThrow())
}

/** Proposals looked at in one slice. */
const sliceMax = 500

/** Ends proposals whose attempt is over: they were for a training that there is no more. True when more may be waiting. */
export const expireProposals: Operation<null, boolean> = async (context) => {
  const rows = await context.db
    .selectFrom('proposal')
    .leftJoin('job', 'job.id', 'proposal.job_id')
    .select(['proposal.id', 'proposal.attempt'])
    .select(['job.uid', 'job.state as job_state', 'job.attempt as job_attempt'])
    .where('proposal.state', '=', 'open')
    .where((eb) =>
      eb.or([
        eb('job.id', 'is', null),
        eb('job.state', 'in', ['completed', 'failed', 'cancelled', 'lost']),
        eb('job.attempt', '>', eb.ref('proposal.attempt')),
      ]),
    )
    .limit(sliceMax)
    .execute()
  for (const row of rows)
    await decide(context, row, row, { state: 'expired', deciderId: null, reason: explainEnd(row) })
  return rows.length === sliceMax
}

type Over = { attempt: number; job_state: JobState | null; job_attempt: number | null }

function explainEnd({ attempt, job_state, job_attempt }: Over): string {
  if (job_state === null) return 'The job was deleted.'
  if (job_attempt !== null && job_attempt > attempt)
    return `It was for attempt ${attempt}, and attempt ${job_attempt} has begun.`
  return `The job has ended (${job_state}).`
}
