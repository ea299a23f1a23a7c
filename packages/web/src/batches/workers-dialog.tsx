import { useState } from 'react'
import { useTargets } from '../launches/use-launches.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ChoiceField, TextField } from '../ui/fields.tsx'
import { useWorkerChanges } from './use-workers.ts'
import { emptyWorkers, readWorkerFaults, readWorkers, usualCommand, type WorkerDraft } from './worker-draft.ts'

/** Where workers are to run, and how many. */
export function WorkersDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(emptyWorkers)
  const [sent, setSent] = useState<WorkerDraft>()
  const { mutate, reset, isPending, error } = useWorkerChanges().start
  const targets = useTargets().data?.targets ?? []
  const { body, faults: own } = readWorkers(draft)
  const faults = sent === draft ? { ...readWorkerFaults(error), ...own } : {}
  const change = (part: Partial<WorkerDraft>): void => setDraft((before) => ({ ...before, ...part }))
  const start = (): void => {
    if (isPending) return
    setSent(draft)
    reset()
    if (body) mutate(body, { onSuccess: onClose })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Start workers"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={isPending} onClick={start}>
            {isPending ? 'Starting …' : 'Start workers'}
          </Button>
        </>
      }
    >
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        <p className="text-muted">
          Each is a job that sends requests of batches. It is told the keys of engines, so they belong on machines that
          may know them.
        </p>
        <div className="grid gap-4 sm:grid-cols-2">
          <ChoiceField
            label="Target"
            value={draft.target}
            choices={targets.map(({ name }) => [name, name === 'local' ? 'the control room itself' : name] as const)}
            onChange={(target) => change({ target })}
          />
          <TextField
            label="How many"
            value={draft.count}
            fault={faults.count}
            onChange={(count) => change({ count })}
          />
        </div>
        <TextField
          label="Command"
          mono
          value={draft.command}
          placeholder={usualCommand}
          hint="What starts a worker there; its name is put behind it"
          fault={faults.command}
          onChange={(command) => change({ command })}
        />
        <TextField
          label="Address of the control room"
          mono
          value={draft.url}
          placeholder="as it is known"
          hint="As they reach it; «ssh»: through the connection to their target"
          fault={faults.url}
          onChange={(url) => change({ url })}
        />
        {faults.rest === undefined ? null : (
          <p role="alert" className="wrap-anywhere text-bad">
            {faults.rest}
          </p>
        )}
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Dialog>
  )
}
