import { useState } from 'react'
import type { Job, Parameter } from '@pilothouse/contract'
import { formatParameter } from '../commands/describe-command.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { CheckList, ChoiceField, TextField } from '../ui/fields.tsx'
import { showToast } from '../ui/toasts.tsx'
import { usePresetActions } from './use-presets.ts'

type SaveProps = { job: Job; parameters: readonly Parameter[]; onClose: () => void }

/** Keeps values as they are now, all or some, under a name. */
export function SavePresetDialog({ job, parameters, onClose }: SaveProps) {
  const { create } = usePresetActions(job.uid)
  const [name, setName] = useState('')
  const [scope, setScope] = useState<'project' | 'all'>('project')
  const [keys, setKeys] = useState(() => parameters.map(({ key }) => key))
  // As they stood when somebody asked for it: they may move meanwhile.
  const [values] = useState(() => new Map(parameters.map(({ key, value }) => [key, value])))
  const isReady = name.trim() !== '' && keys.length > 0 && !create.isPending
  const save = (): void => {
    if (!isReady) return
    const kept = [...values].filter(([key]) => keys.includes(key))
    const body = { name: name.trim(), project: scope === 'all' ? null : job.project, values: Object.fromEntries(kept) }
    create.mutate(body, {
      onSuccess: () => {
        showToast({ words: `Preset «${body.name}» saved.` })
        onClose()
      },
    })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Save current values"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isReady} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField label="Name" value={name} onChange={setName} />
        <ChoiceField
          label="Offered"
          value={scope}
          choices={[
            ['project', `in the project ${job.project}`],
            ['all', 'in all projects'],
          ]}
          onChange={setScope}
        />
        <CheckList
          label="Values"
          values={keys}
          choices={[...values].map(([key, value]) => [key, `${key} = ${formatParameter(value)}`] as const)}
          onChange={setKeys}
        />
        {create.error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {create.error.message}
          </p>
        ) : null}
      </form>
    </Dialog>
  )
}
