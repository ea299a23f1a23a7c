import { useState } from 'react'
import type { Project } from '@pilothouse/contract'
import { PilothouseError, readProjectPlace } from '@pilothouse/contract/wire'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { useProjectChanges } from './use-projects.ts'

type SheetProps = {
  /** Folders of the server that projects may lie in. */
  roots: readonly string[]
  /** That jobs have already; empty for another. */
  name?: string
  onAdded: (project: Project) => void
  onClose: () => void
}

/** One field for a folder or an address: which of both it is can be seen. */
export function AddProjectSheet({ roots, name: given = '', onAdded, onClose }: SheetProps) {
  const [place, setPlace] = useState('')
  const [name, setName] = useState(given)
  /** What was sent: faults are told of that, and not while somebody writes. */
  const [sent, setSent] = useState<string>()
  const { create } = useProjectChanges()
  const read = readProjectPlace(place)
  const wrong = 'message' in read ? `${read.message} Write it as ${read.expected}.` : undefined
  const save = (): void => {
    setSent(place)
    create.reset()
    if (wrong !== undefined || create.isPending) return
    const body = { place, ...(name.trim() === '' ? {} : { name: name.trim() }) }
    create.mutate(body, { onSuccess: onAdded })
  }
  const error = create.error
  const faults = readFaults(error)
  return (
    <Sheet
      open
      onClose={onClose}
      title="Add a project"
      footer={
        <div className="flex items-center justify-end gap-2">
          {error && !faults.place && !faults.name ? (
            <p role="alert" className="mr-auto wrap-anywhere text-bad">
              {error.message}
            </p>
          ) : null}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={place.trim() === '' || create.isPending} onClick={save}>
            {create.isPending ? 'Reading …' : 'Add project'}
          </Button>
        </div>
      }
    >
      <form
        className="flex flex-col gap-4 px-4 py-4 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField
          label="Folder or git address"
          mono
          value={place}
          placeholder="/home/me/project or git@host:team/project.git"
          hint={hintOf(roots)}
          fault={sent === place ? (wrong ?? faults.place) : undefined}
          onChange={setPlace}
        />
        <TextField
          label="Name"
          value={name}
          placeholder={'message' in read ? '' : read.name}
          hint="What its jobs have as project. Empty: the last part of the folder or address"
          fault={sent === place ? faults.name : undefined}
          onChange={(text) => {
            setName(text)
            create.reset()
          }}
        />
        <p className="text-12 text-muted">
          Nothing of it is run. A folder is read where it lies; a repository is fetched in the background, as the user
          who runs the control room, with the ssh keys of that user.
        </p>
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Sheet>
  )
}

function hintOf(roots: readonly string[]): string {
  if (roots.length === 0)
    return 'This control room takes addresses only: PILOTHOUSE_PROJECT_ROOTS names folders when it starts'
  return `On the machine of the control room, in ${roots.join(' or ')}; or an address as https://… or git@host:…`
}

/** What the server says, by its field. */
function readFaults(error: Error | null): { place?: string; name?: string } {
  if (!(error instanceof PilothouseError)) return {}
  const words = `${error.message} ${error.hint}`
  if (error.field === 'place') return { place: words }
  return error.field === 'name' ? { name: words } : {}
}
