import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Checkpoint, Command, Job } from '@pilothouse/contract'
import { isOpenCommand } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { useServices } from '../app/services.ts'
import { CommandSign } from '../commands/command-sign.tsx'
import { describeProgress } from '../commands/describe-command.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import type { Steering } from '../commands/use-steering.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { CheckField, TextField } from '../ui/fields.tsx'

type DialogProps = { job: Job; checkpoint: Checkpoint; steering: Steering; onClose: () => void }

/** Says what going back means, asks, and then tells how it goes. */
export function RollbackDialog({ job, checkpoint, steering, onClose }: DialogProps) {
  const { client } = useServices()
  const queries = useQueryClient()
  const kinds = steering.page?.controls?.kinds ?? []
  const canWrite = kinds.includes('checkpoint')
  const [checkpointFirst, setCheckpointFirst] = useState(canWrite)
  const [keepParameters, setKeepParameters] = useState(false)
  const [note, setNote] = useState('')
  const start = useMutation({
    mutationFn: async () =>
      client.call('checkpoints.rollback', {
        params: { uid: job.uid, id: String(checkpoint.id) },
        body: { checkpointFirst, keepParameters, ...(note.trim() === '' ? {} : { note: note.trim() }) },
      }),
    onSettled: async () => refreshSteering(queries, job.uid, ['commands']),
  })
  const given = start.data
  const command = given && (steering.page?.commands.find(({ id }) => id === given.id) ?? given)
  const buttons = command ? (
    <Button look="primary" onClick={onClose}>
      {isOpenCommand(command.state) ? 'Close; it goes on' : 'Done'}
    </Button>
  ) : (
    <>
      <Button onClick={onClose}>Stay here</Button>
      <Button look="danger" disabled={start.isPending} onClick={() => start.mutate()}>
        Roll back
      </Button>
    </>
  )
  return (
    <Dialog open onClose={onClose} title={`Roll back to «${checkpoint.name}»?`} actions={buttons}>
      {command ? (
        <Course command={command} />
      ) : (
        <div className="flex flex-col gap-3">
          <Meaning job={job} checkpoint={checkpoint} covers={coversOf(checkpoint, steering)} />
          <div className="flex flex-col gap-1.5">
            {canWrite ? (
              <CheckField
                label="Write a checkpoint of where it is now first"
                isOn={checkpointFirst}
                onChange={setCheckpointFirst}
              />
            ) : null}
            <CheckField label="Keep parameters as they are now" isOn={keepParameters} onChange={setKeepParameters} />
          </div>
          <TextField label="Note (optional)" value={note} onChange={setNote} placeholder="Why?" />
          {start.error ? (
            <p role="alert" className="text-bad">
              {start.error.message}
            </p>
          ) : null}
        </div>
      )}
    </Dialog>
  )
}

/** What a checkpoint says of itself, else what the script says of all. */
function coversOf({ covers }: Checkpoint, { page }: Steering): readonly string[] {
  return covers.length > 0 ? covers : (page?.controls?.rollback?.covers ?? [])
}

function Meaning({ job, checkpoint, covers }: Pick<DialogProps, 'job' | 'checkpoint'> & { covers: readonly string[] }) {
  const step = job.progress?.step ?? null
  const next = Math.max(...job.branches.map(({ number }) => number), 0) + 1
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      <dt className="text-muted">Step</dt>
      <dd>
        {step === null ? 'from where it is' : `from ${formatCount(step)}`} back to{' '}
        <span className="font-medium">{formatCount(checkpoint.step)}</span>
      </dd>
      <dt className="text-muted">Comes back</dt>
      <dd className="wrap-anywhere">{covers.length > 0 ? covers.join(', ') : 'what the script wrote'}</dd>
      <dt className="text-muted">History</dt>
      <dd>
        What follows is branch {next}. Branch {job.branch} stays as it is, with all its points, and can be looked at.
      </dd>
    </dl>
  )
}

/** How far the rollback has come. */
function Course({ command }: { command: Command }) {
  return (
    <div role="status" className="flex items-start gap-2">
      <span className="pt-0.5">
        <CommandSign state={command.state} />
      </span>
      <div className="min-w-0">
        <p>
          The rollback {command.state === 'applied' ? 'is done: ' : ''}
          {describeProgress(command)}.
        </p>
        {command.reason === null ? null : <p className="wrap-anywhere text-muted">{command.reason}</p>}
      </div>
    </div>
  )
}
