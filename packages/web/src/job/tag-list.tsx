import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { Plus, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { useEditJob, useMayEdit } from './use-edit-job.ts'

/** Tags lead to the jobs that carry them; whoever may can add and take away. */
export function TagList({ job }: { job: Job }) {
  const [draft, setDraft] = useState<string>()
  const mayEdit = useMayEdit(job)
  const edit = useEditJob(job)
  const add = (): void => {
    const tag = draft?.trim()
    setDraft(undefined)
    if (tag && !job.tags.includes(tag)) edit.mutate({ tags: [...job.tags, tag] })
  }
  if (job.tags.length === 0 && !mayEdit) return null
  return (
    <ul className="flex flex-wrap items-center gap-1" aria-label="Tags">
      {job.tags.map((tag) => (
        <li key={tag} className="group flex h-6 max-w-48 items-center rounded-sm bg-hover pointer-coarse:h-8">
          <Link to="/" search={{ tag: [tag] }} className="truncate rounded-sm px-2 text-12 text-muted hover:text-text">
            {tag}
          </Link>
          {mayEdit ? (
            <button
              type="button"
              aria-label={`Remove tag ${tag}`}
              className="hidden h-6 w-6 items-center justify-center rounded-sm text-faint group-focus-within:flex group-hover:flex hover:text-text"
              onClick={() => edit.mutate({ tags: job.tags.filter((one) => one !== tag) })}
            >
              <X size={12} aria-hidden />
            </button>
          ) : null}
        </li>
      ))}
      {draft === undefined ? null : (
        <li>
          <input
            autoFocus
            aria-label="New tag"
            value={draft}
            maxLength={128}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={add}
            onKeyDown={(event) => {
              if (event.key === 'Enter') add()
              if (event.key === 'Escape') setDraft(undefined)
            }}
            className="h-6 w-28 rounded-sm border border-line-strong bg-surface px-2 text-12 pointer-coarse:h-9 pointer-coarse:text-16"
          />
        </li>
      )}
      {mayEdit && draft === undefined ? (
        <li>
          <Button look="quiet" className="h-6 px-1.5 text-12 text-faint" onClick={() => setDraft('')}>
            <Plus size={12} aria-hidden />{' '}
            {job.tags.length === 0 ? 'Add tag' : <span className="sr-only">Add tag</span>}
          </Button>
        </li>
      ) : null}
    </ul>
  )
}
