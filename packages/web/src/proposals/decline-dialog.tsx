import { useState } from 'react'
import type { Job, Proposal } from '@pilothouse/contract'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/fields.tsx'
import { ProposedChange } from './proposed-change.tsx'
import { useDecisions } from './use-proposals.ts'

/** Says no to a proposed change, and why. */
export function DeclineDialog({ job, proposal, onClose }: { job: Job; proposal: Proposal; onClose: () => void }) {
  const { decline } = useDecisions(job.uid)
  const [reason, setReason] = useState('')
  const send = (): void => decline.mutate({ proposal, reason: reason.trim() }, { onSuccess: onClose })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Decline this change of ${job.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button look="primary" disabled={decline.isPending} onClick={send}>
            Decline
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (!decline.isPending) send()
        }}
      >
        <ProposedChange proposal={proposal} />
        <TextField label="Reason (optional)" value={reason} onChange={setReason} placeholder="Why not?" />
        <p className="text-12 text-muted">The job is told nothing. {proposal.by.name} sees the reason.</p>
      </form>
    </Dialog>
  )
}
