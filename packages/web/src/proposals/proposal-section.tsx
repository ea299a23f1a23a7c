import { lazy, Suspense, useState } from 'react'
import type { Job, JobSchedule, Parameter, ParameterChange, Proposal } from '@pilothouse/contract'
import { Hourglass } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { formatParameter } from '../commands/describe-command.ts'
import { useMayEdit } from '../job/use-edit-job.ts'
import { findConflict } from '../parameters/draft.ts'
import { Button } from '../ui/button.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { ProposedChange } from './proposed-change.tsx'
import { useDecisions } from './use-proposals.ts'

const ApproveDialog = lazy(async () => ({ default: (await import('./approve-dialog.tsx')).ApproveDialog }))
const DeclineDialog = lazy(async () => ({ default: (await import('./decline-dialog.tsx')).DeclineDialog }))

type SectionProps = {
  job: Job
  /** Those that wait, the newest first. */
  open: readonly Proposal[]
  parameters: readonly Parameter[]
  schedules: readonly JobSchedule[]
  /** The newest of all parameters. */
  changes: readonly ParameterChange[]
  now: number
}

/** Changes that wait for an admin, for whoever sees the job; with what one may do about them. */
export function ProposalSection({ job, open, parameters, schedules, changes, now }: SectionProps) {
  const { permissions } = useSession()
  const mayDecide = useMayEdit(job) && permissions.includes('training:admin')
  const [deciding, setDeciding] = useState<{ id: number; how: 'approve' | 'decline' }>()
  const decided = open.find(({ id }) => id === deciding?.id)
  const close = (): void => setDeciding(undefined)
  // What somebody else has decided meanwhile is no more to be decided: the dialog goes with it.
  if (open.length === 0) return null
  return (
    <section aria-labelledby="proposals-title" className="rounded-lg border border-line bg-surface">
      <h2 id="proposals-title" className="flex items-center gap-2 px-4 py-2.5 font-medium">
        <Hourglass size={14} className="shrink-0 text-warn" aria-hidden />
        <span>
          {mayDecide ? 'For you to approve' : 'Waits for an admin'}{' '}
          <span className="font-normal text-faint">{open.length}</span>
        </span>
      </h2>
      <ul aria-label="Proposals">
        {open.map((proposal) => (
          <ProposalItem
            key={proposal.id}
            job={job}
            proposal={proposal}
            since={describeSince(proposal, parameters, changes)}
            now={now}
            onDecide={mayDecide ? (how) => setDeciding({ id: proposal.id, how }) : undefined}
          />
        ))}
      </ul>
      <Suspense fallback={null}>
        {decided && deciding?.how === 'approve' ? (
          <ApproveDialog
            job={job}
            proposal={decided}
            parameter={parameters.find(({ key }) => key === decided.key)}
            schedules={schedules}
            changes={changes}
            onClose={close}
          />
        ) : null}
        {decided && deciding?.how === 'decline' ? <DeclineDialog job={job} proposal={decided} onClose={close} /> : null}
      </Suspense>
    </section>
  )
}

/** What somebody did to the parameter since a change of it was proposed, in words. */
function describeSince(
  proposal: Proposal,
  parameters: readonly Parameter[],
  changes: readonly ParameterChange[],
): string | undefined {
  if (proposal.kind !== 'set') return undefined
  const parameter = parameters.find(({ key }) => key === proposal.key)
  if (!parameter) return 'The job has no such parameter any more.'
  return findConflict(parameter, proposal, changes)
}

type ItemProps = {
  job: Job
  proposal: Proposal
  since: string | undefined
  now: number
  /** Absent for those who may not. */
  onDecide: ((how: 'approve' | 'decline') => void) | undefined
}

function ProposalItem({ job, proposal, since, now, onDecide }: ItemProps) {
  const { member, permissions } = useSession()
  const { withdraw } = useDecisions(job.uid)
  const { id, by, createdAt, note } = proposal
  const isOwn = by.id === member.id && permissions.includes('training:manage')
  const of = nameChange(proposal)
  return (
    <li data-proposal={id} className="flex flex-wrap items-start gap-x-4 gap-y-1.5 border-t border-line px-4 py-2">
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-0.5">
        <ProposedChange proposal={proposal} />
        {since === undefined ? null : <p className="wrap-anywhere text-warn">Since it was proposed: {since}</p>}
        {note === null ? null : <p className="wrap-anywhere">«{note}»</p>}
        <Dotted className="text-12 text-muted">
          <Dot>proposed by {by.name}</Dot>
          <Dot>
            <TimeAgo at={createdAt} now={now} />
          </Dot>
        </Dotted>
      </div>
      <div className="flex gap-2">
        {onDecide ? (
          <>
            <Button aria-haspopup="dialog" aria-label={`Decline ${of}`} onClick={() => onDecide('decline')}>
              Decline…
            </Button>
            <Button aria-haspopup="dialog" aria-label={`Approve ${of}`} onClick={() => onDecide('approve')}>
              Approve…
            </Button>
          </>
        ) : isOwn ? (
          <Button aria-label={`Withdraw ${of}`} disabled={withdraw.isPending} onClick={() => withdraw.mutate(proposal)}>
            Withdraw
          </Button>
        ) : null}
      </div>
    </li>
  )
}

/** As the end of a sentence: «the change of lr to 0.01». */
function nameChange(proposal: Proposal): string {
  return proposal.kind === 'schedule'
    ? `the schedule of ${proposal.key}`
    : `the change of ${proposal.key} to ${formatParameter(proposal.value)}`
}
