import { useState } from 'react'
import type { Job, JobSchedule } from '@pilothouse/contract'
import { describeChangeByHand } from '@pilothouse/signals'
import { ArrowRight } from 'lucide-react'
import { formatParameter } from '../commands/describe-command.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/fields.tsx'
import { describeRatio } from './describe-change.ts'
import type { DraftRow, Drafts } from './use-drafts.ts'

type SendProps = {
  job: Job
  drafts: Drafts
  schedules: readonly JobSchedule[]
  /** It is proposed only: an admin has to approve it. */
  proposes: boolean
  onClose: () => void
}

/** Shows once more what is about to be sent to a job that runs. */
export function SendDialog({ job, drafts, schedules, proposes, onClose }: SendProps) {
  const [note, setNote] = useState('')
  const rows = drafts.rows.filter(({ value }) => value !== undefined)
  const isHeld = rows.some(({ conflict }) => conflict !== undefined)
  const send = (): void => drafts.send.mutate({ rows, note }, { onSettled: onClose })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${proposes ? 'Propose to change' : 'Change'} ${rows.length === 1 ? 'a parameter' : `${rows.length} parameters`} of ${job.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button look="primary" disabled={isHeld || rows.length === 0 || drafts.send.isPending} onClick={send}>
            {proposes ? 'Propose' : 'Send'} {rows.length === 1 ? 'the change' : `${rows.length} changes`}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (!isHeld && rows.length > 0) send()
        }}
      >
        <ul className="flex flex-col rounded-md border border-line" aria-label="Changes">
          {rows.map((row) => (
            <ChangeItem
              key={row.parameter.key}
              row={row}
              drafts={drafts}
              ends={describeChangeByHand(row.parameter.key, schedules)}
            />
          ))}
        </ul>
        <TextField label="Note (optional)" value={note} onChange={setNote} placeholder="Why?" />
        <p className="text-12 text-muted">
          {proposes
            ? 'An admin has to approve it. Until then the job knows nothing of it.'
            : 'The job carries it out at its next control point, and then says from which step on it is so.'}
        </p>
      </form>
    </Dialog>
  )
}

type ItemProps = {
  row: DraftRow
  drafts: Drafts
  /** What it does to a schedule, in words. */
  ends: string | null
}

function ChangeItem({ row: { parameter, value, conflict }, drafts, ends }: ItemProps) {
  if (value === undefined) return null
  const ratio = describeRatio(parameter.value, value)
  return (
    <li className="flex flex-col gap-1 border-t border-line px-3 py-2 first:border-t-0">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="mr-auto font-mono font-medium wrap-anywhere">{parameter.key}</span>
        <span className="flex items-baseline gap-1.5 font-mono">
          <span className="text-muted">{formatParameter(parameter.value)}</span>
          <ArrowRight size={12} className="self-center text-faint" aria-label="to" />
          <span className="font-medium">{formatParameter(value)}</span>
        </span>
        {ratio === undefined ? null : <span className="text-muted">{ratio}</span>}
      </div>
      {ends === null ? null : <p className="text-12 wrap-anywhere text-warn">{ends}</p>}
      {conflict === undefined ? null : (
        <div role="alert" className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 flex-1 basis-40 text-warn">While you were editing: {conflict}</span>
          <Button onClick={() => drafts.keep(parameter)}>Still change it</Button>
        </div>
      )}
    </li>
  )
}
