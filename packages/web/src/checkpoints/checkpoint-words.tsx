import { useState } from 'react'
import type { Checkpoint } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { Plus, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import type { CheckpointActions } from './use-checkpoints.ts'

type WordsProps = { checkpoint: Checkpoint; mayEdit: boolean; edit: CheckpointActions['edit'] }

/** What people say of a checkpoint: its description and its tags. */
export function CheckpointWords(props: WordsProps) {
  return (
    <section aria-label="Description and tags" className="flex flex-col gap-2">
      <Description {...props} />
      <Tags {...props} />
    </section>
  )
}

function Description({ checkpoint: { id, description }, mayEdit, edit }: WordsProps) {
  const [draft, setDraft] = useState<string>()
  const save = (): void => {
    const text = draft?.trim() ?? ''
    edit.mutate({ id, patch: { description: text === '' ? null : text } }, { onSuccess: () => setDraft(undefined) })
  }
  if (draft === undefined) {
    return (
      <div className="flex items-start gap-3">
        <p className={`min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap ${description === null ? 'text-faint' : ''}`}>
          {description ?? 'No description.'}
        </p>
        {mayEdit ? (
          <Button look="quiet" onClick={() => setDraft(description ?? '')}>
            {description === null ? 'Describe' : 'Edit'}
          </Button>
        ) : null}
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-2">
      <textarea
        autoFocus
        aria-label="Description"
        value={draft}
        rows={3}
        maxLength={limits.checkpointTextMax}
        onChange={({ target }) => setDraft(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save()
        }}
        className="w-full rounded-md border border-line-strong bg-surface px-2.5 py-2 pointer-coarse:text-16"
      />
      <div className="flex gap-2">
        <Button look="primary" disabled={edit.isPending} onClick={save}>
          Save description
        </Button>
        <Button onClick={() => setDraft(undefined)}>Discard</Button>
      </div>
    </div>
  )
}

function Tags({ checkpoint: { id, tags }, mayEdit, edit }: WordsProps) {
  const [draft, setDraft] = useState<string>()
  const add = (): void => {
    const tag = draft?.trim()
    setDraft(undefined)
    if (tag && !tags.includes(tag)) edit.mutate({ id, patch: { tags: [...tags, tag] } })
  }
  if (tags.length === 0 && !mayEdit) return null
  return (
    <ul aria-label="Tags of the checkpoint" className="flex flex-wrap items-center gap-1">
      {tags.map((tag) => (
        <li key={tag} className="flex h-6 max-w-48 items-center rounded-sm bg-hover pl-2 text-12 text-muted">
          <span className="truncate pr-2">{tag}</span>
          {mayEdit ? (
            <button
              type="button"
              aria-label={`Remove tag ${tag}`}
              className="touchable -ml-1.5 flex h-6 w-6 items-center justify-center rounded-sm text-faint hover:text-text"
              onClick={() => edit.mutate({ id, patch: { tags: tags.filter((one) => one !== tag) } })}
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
            maxLength={limits.tagLengthMax}
            onChange={({ target }) => setDraft(target.value)}
            onBlur={add}
            onKeyDown={(event) => {
              if (event.key === 'Enter') add()
            }}
            className="h-6 w-28 rounded-sm border border-line-strong bg-surface px-2 text-12 pointer-coarse:h-9 pointer-coarse:text-16"
          />
        </li>
      )}
      {mayEdit && draft === undefined ? (
        <li>
          <Button look="quiet" className="h-6 px-1.5 text-12 text-faint" onClick={() => setDraft('')}>
            <Plus size={12} aria-hidden /> {tags.length === 0 ? 'Add tag' : <span className="sr-only">Add tag</span>}
          </Button>
        </li>
      ) : null}
    </ul>
  )
}
