import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { CheckpointCreate, Job } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/fields.tsx'

/** What a name may be: it becomes that of a file. */
const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** Has a running job write a checkpoint. */
export function CheckpointDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const { client } = useServices()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [tags, setTags] = useState('')
  const isNamed = name.trim() === '' || wellFormed.test(name.trim())
  const create = useMutation({
    mutationFn: async () =>
      client.call('checkpoints.create', { params: { uid: job.uid }, body: readForm({ name, description, tags }) }),
    onSuccess: onClose,
    onSettled: async () => refreshSteering(queries, job.uid, ['commands', 'checkpoints']),
  })
  const submit = (): void => {
    if (isNamed && !create.isPending) create.mutate()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Checkpoint now"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isNamed || create.isPending} onClick={submit}>
            Write checkpoint
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <p className="text-muted">The job writes down where it stands at its next control point, and goes on.</p>
        <TextField
          label="Name (optional)"
          value={name}
          onChange={setName}
          placeholder="after its step"
          mono
          hint={
            isNamed
              ? 'It becomes the name of a file.'
              : 'Letters, digits, «.», «_» and «-», the first a letter or digit.'
          }
        />
        <TextField
          label="Description (optional)"
          value={description}
          onChange={setDescription}
          placeholder="before the learning rate goes down"
        />
        <TextField label="Tags (optional)" value={tags} onChange={setTags} placeholder="good, keep" />
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
        {create.error ? (
          <p role="alert" className="text-bad">
            {create.error.message}
          </p>
        ) : null}
      </form>
    </Dialog>
  )
}

function readForm({ name, description, tags }: { name: string; description: string; tags: string }): CheckpointCreate {
  const named = readTags(tags)
  return {
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(description.trim() === '' ? {} : { description: description.trim() }),
    ...(named.length === 0 ? {} : { tags: named }),
  }
}

/** Words between commas or blanks, each once. */
function readTags(text: string): string[] {
  return [...new Set(text.split(/[,\s]+/).filter(Boolean))]
}
