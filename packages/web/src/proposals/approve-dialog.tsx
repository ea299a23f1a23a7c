import { useState } from 'react'
import type { Job, JobSchedule, Parameter, ParameterChange, Proposal } from '@pilothouse/contract'
import { describeChangeByHand } from '@pilothouse/signals'
import { formatParameter } from '../commands/describe-command.ts'
import { findConflict, type Draft } from '../parameters/draft.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ProposedChange } from './proposed-change.tsx'
import { useDecisions } from './use-proposals.ts'

type ApproveProps = {
  job: Job
  proposal: Proposal
  /** As it is now. */
  parameter: Parameter | undefined
  schedules: readonly JobSchedule[]
  changes: readonly ParameterChange[]
  onClose: () => void
}

/** Shows once more what is about to be given to a job that runs, and what has happened to the parameter since. */
export function ApproveDialog({ job, proposal, parameter, schedules, changes, onClose }: ApproveProps) {
  const { approve } = useDecisions(job.uid)
  /** How the parameter was when somebody said that the change is still wanted. */
  const [seen, setSeen] = useState<Pick<Draft, 'revision' | 'awaited'>>()
  const isSet = proposal.kind === 'set'
  const conflict = isSet && parameter ? findConflict(parameter, seen ?? proposal, changes) : undefined
  const ends = isSet ? describeChangeByHand(proposal.key, schedules) : null
  const send = (): void =>
    approve.mutate({ proposal, revision: isSet ? parameter?.revision : undefined }, { onSuccess: onClose })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Approve this change of ${job.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button look="primary" disabled={conflict !== undefined || approve.isPending} onClick={send}>
            Approve and send
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="flex flex-col gap-1 rounded-md border border-line px-3 py-2">
          <ProposedChange proposal={proposal} />
          {proposal.note === null ? null : <p className="wrap-anywhere">«{proposal.note}»</p>}
          <p className="text-12 text-muted">
            proposed by {proposal.by.name}
            {isSet && parameter ? `; now it is ${formatParameter(parameter.value)}` : ''}
          </p>
        </div>
        {ends === null ? null : <p className="wrap-anywhere text-warn">{ends}</p>}
        {conflict === undefined || !parameter ? null : (
          <div role="alert" className="flex flex-wrap items-center gap-2 rounded-md bg-warn-soft px-2 py-1">
            <span className="min-w-0 flex-1 basis-40 wrap-anywhere text-warn">
              {seen ? 'While you were looking' : 'Since it was proposed'}: {conflict}
            </span>
            <Button onClick={() => setSeen({ revision: parameter.revision, awaited: parameter.pending?.command })}>
              Still approve it
            </Button>
          </div>
        )}
        <p className="text-12 text-muted">
          The job carries it out at its next control point. The history shows who proposed and who approved it.
        </p>
      </div>
    </Dialog>
  )
}
