import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { ChoiceField, TextField } from '../ui/fields.tsx'
import type { Entry } from './add-entry.ts'

type FormProps = {
  /** Names that are taken. */
  taken: readonly string[]
  /** Says why not, or nothing. */
  onAdd: (entry: Entry) => string | undefined
  onClose: () => void
}

const kinds = [
  ['clusters', 'Slurm cluster'],
  ['hosts', 'Host without a scheduler'],
] as const

/** The least that a cluster or host needs; all else is written into the text. */
export function AddEntryForm({ taken, onAdd, onClose }: FormProps) {
  const [entry, setEntry] = useState<Entry>({ list: 'clusters', name: '', host: '' })
  const [fault, setFault] = useState<string>()
  const change = (part: Partial<Entry>): void => {
    setEntry({ ...entry, ...part })
    setFault(undefined)
  }
  const { list, name, host } = { ...entry, name: entry.name.trim(), host: entry.host.trim() }
  const isTaken = taken.includes(name)
  const isComplete = name !== '' && host !== '' && !isTaken
  return (
    <form
      aria-label="Add a cluster"
      className="flex flex-col gap-3 rounded-md border border-line p-3"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
      onSubmit={(event) => {
        event.preventDefault()
        if (isComplete) setFault(onAdd({ list, name, host }))
      }}
    >
      <div className="flex flex-col gap-3 sm:flex-row">
        <ChoiceField label="Kind" value={list} choices={kinds} onChange={(next) => change({ list: next })} />
        <TextField
          autoFocus
          label="Name"
          value={entry.name}
          placeholder="dgx"
          fault={isTaken ? `«${name}» is there already.` : undefined}
          onChange={(next) => change({ name: next })}
        />
        <TextField
          mono
          label="Host"
          value={entry.host}
          placeholder="me@login.example.org"
          hint={
            list === 'clusters'
              ? 'What you write behind ssh; «local» for Slurm on this machine.'
              : 'What you write behind ssh.'
          }
          onChange={(next) => change({ host: next })}
        />
      </div>
      <div className="flex flex-wrap items-center justify-end gap-2">
        {fault === undefined ? null : (
          <p role="alert" className="mr-auto text-bad">
            {fault}
          </p>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={!isComplete}>
          Add to the text
        </Button>
      </div>
    </form>
  )
}
