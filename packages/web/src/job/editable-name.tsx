import { useState } from 'react'
import type { Job } from '@pilothouse/contract'
import { Pencil } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { useEditJob, useMayEdit } from './use-edit-job.ts'

/** The name, and a field in its place while it is changed: Enter keeps, Escape leaves it as it was. */
export function EditableName({ job }: { job: Job }) {
  const [draft, setDraft] = useState<string>()
  const mayEdit = useMayEdit(job)
  const edit = useEditJob(job)
  const save = (): void => {
    const name = draft?.trim()
    setDraft(undefined)
    if (name && name !== job.name) edit.mutate({ name })
  }
  if (draft !== undefined) {
    return (
      <input
        autoFocus
        aria-label="Name of the job"
        value={draft}
        maxLength={256}
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter') save()
          if (event.key === 'Escape') setDraft(undefined)
        }}
        className="h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 text-16 font-semibold"
      />
    )
  }
  return (
    <div className="group flex min-w-0 flex-1 items-center gap-1">
      <h1 className="truncate text-20 font-semibold tracking-tight" title={job.name}>
        {edit.variables?.name !== undefined && edit.isPending ? edit.variables.name : job.name}
      </h1>
      {mayEdit ? (
        <Button
          look="quiet"
          square
          aria-label="Rename"
          title="Rename"
          className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:hidden"
          onClick={() => setDraft(job.name)}
        >
          <Pencil size={14} aria-hidden />
        </Button>
      ) : null}
      {edit.error ? (
        <span role="alert" className="text-bad">
          {edit.error.message}
        </span>
      ) : null}
    </div>
  )
}
