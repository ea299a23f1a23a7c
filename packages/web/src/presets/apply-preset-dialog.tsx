import { useState } from 'react'
import type { Job, JobSchedule, Parameter, Preset } from '@pilothouse/contract'
import { describeChangeByHand } from '@pilothouse/signals'
import { ArrowRight, Trash2 } from 'lucide-react'
import { useServerNow, useSession } from '../app/services.ts'
import { formatParameter } from '../commands/describe-command.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/fields.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { comparePreset, type PresetRow } from './compare-preset.ts'
import { mayDeletePreset, usePresetActions } from './use-presets.ts'

type ApplyProps = {
  job: Job
  preset: Preset
  parameters: readonly Parameter[]
  schedules: readonly JobSchedule[]
  refusal: string | undefined
  /** It is proposed only: an admin has to approve it. */
  proposes: boolean
  onClose: () => void
}

/** What a preset holds beside what is so, and how it is applied or deleted. */
export function ApplyPresetDialog({ job, preset, parameters, schedules, refusal, proposes, onClose }: ApplyProps) {
  const session = useSession()
  const now = useServerNow(60_000)
  const { apply, remove } = usePresetActions(job.uid)
  const [note, setNote] = useState('')
  const rows = comparePreset(preset, parameters)
  const changes = rows.filter(({ kind }) => kind === 'change').length
  const bad = rows.filter(({ kind }) => kind === 'bad').length
  const isReady = refusal === undefined && bad === 0 && changes > 0 && !apply.isPending
  const send = (): void => {
    if (isReady) apply.mutate({ id: preset.id, note: note.trim() }, { onSuccess: onClose })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Preset «${preset.name}»`}
      actions={
        <>
          {mayDeletePreset(preset, session) ? (
            <Button
              look="quiet"
              className="mr-auto text-bad"
              disabled={remove.isPending}
              onClick={() => remove.mutate(preset, { onSuccess: onClose })}
            >
              <Trash2 size={14} aria-hidden /> Delete
            </Button>
          ) : null}
          <Button onClick={onClose}>Close</Button>
          {refusal === undefined ? (
            <Button look="primary" disabled={!isReady} onClick={send}>
              {proposes ? 'Propose' : 'Apply'} {changes === 1 ? '1 change' : `${changes} changes`}
            </Button>
          ) : null}
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <p className="text-12 text-muted">
          {preset.by.name}, <TimeAgo at={preset.createdAt} now={now} />,{' '}
          {preset.project === null ? 'for all projects' : `for the project ${preset.project}`}
        </p>
        <ul aria-label="Values" className="flex flex-col rounded-md border border-line">
          {rows.map((row) => (
            <RowItem key={row.key} row={row} schedules={refusal === undefined ? schedules : []} />
          ))}
        </ul>
        {refusal === undefined ? null : <p className="text-muted">{refusal}</p>}
        {refusal === undefined && bad > 0 ? (
          <p role="alert" className="text-warn">
            Nothing is applied while one of its values is not possible here.
          </p>
        ) : null}
        {refusal === undefined && bad === 0 && changes === 0 ? (
          <p className="text-muted">All of it is so already.</p>
        ) : null}
        {isReady ? <TextField label="Note (optional)" value={note} onChange={setNote} placeholder="Why?" /> : null}
        {isReady && proposes ? (
          <p className="text-12 text-muted">An admin has to approve each of them. Until then nothing is changed.</p>
        ) : null}
        {apply.error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {apply.error.message}
          </p>
        ) : null}
      </form>
    </Dialog>
  )
}

function RowItem({ row, schedules }: { row: PresetRow; schedules: readonly JobSchedule[] }) {
  const { key, now, value, kind, fault } = row
  const ends = kind === 'change' ? describeChangeByHand(key, schedules) : null
  return (
    <li
      data-preset-row={kind}
      className={`flex flex-col gap-0.5 border-t border-line px-3 py-1.5 first:border-t-0 ${kind === 'same' ? 'text-faint' : ''}`}
    >
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className={`mr-auto font-mono wrap-anywhere ${kind === 'same' ? '' : 'font-medium'}`}>{key}</span>
        {kind === 'same' ? (
          <span>
            <span className="font-mono">{formatParameter(value)}</span>, the same
          </span>
        ) : (
          <span className="flex items-baseline gap-1.5 font-mono">
            <span className="text-muted">{now === undefined ? '–' : formatParameter(now)}</span>
            <ArrowRight size={12} className="self-center text-faint" aria-label="to" />
            <span className={`font-medium ${kind === 'bad' ? 'text-bad line-through' : ''}`}>
              {formatParameter(value)}
            </span>
          </span>
        )}
      </div>
      {fault === undefined ? null : <p className="text-12 wrap-anywhere text-bad">Not possible: {fault}.</p>}
      {ends === null ? null : <p className="text-12 wrap-anywhere text-warn">{ends}</p>}
    </li>
  )
}
