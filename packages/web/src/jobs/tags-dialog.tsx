import { useId, useState } from 'react'
import type { JobCard, JobStatistics } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { Plus, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useBulkEdit } from './use-bulk-edit.ts'
import { countJobs } from './count-jobs.ts'

type TagsProps = {
  cards: readonly JobCard[]
  uids: readonly string[]
  statistics: JobStatistics | undefined
  onClose: () => void
}

/** Tags of the picked jobs: one is added to all of them, or taken from those that have it. */
export function TagsDialog({ cards, uids, statistics, onClose }: TagsProps) {
  const edit = useBulkEdit()
  const [text, setText] = useState('')
  const listId = useId()
  const counts = countTags(cards.filter(({ uid }) => uids.includes(uid)))
  const tag = text.trim()
  const add = (): void => {
    if (tag === '' || edit.isPending) return
    edit.mutate({ uids, change: { addTags: [tag] } })
    setText('')
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Tags of ${countJobs(uids.length)}`}
      actions={<Button onClick={onClose}>Done</Button>}
    >
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <input
          autoFocus
          aria-label="Tag to add"
          placeholder="Tag to add"
          list={listId}
          value={text}
          maxLength={limits.tagLengthMax}
          onChange={(event) => setText(event.target.value)}
          className="h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 pointer-coarse:h-11 pointer-coarse:text-16"
        />
        <datalist id={listId}>
          {(statistics?.tags ?? []).map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <Button type="submit" look="primary" className="h-8" disabled={tag === '' || edit.isPending}>
          <Plus size={14} aria-hidden /> Add
        </Button>
      </form>
      {counts.length === 0 ? (
        <p className="mt-3 text-muted">None of them has a tag.</p>
      ) : (
        <ul className="mt-3 flex flex-wrap gap-1.5" aria-label="Their tags">
          {counts.map(([name, count]) => (
            <li key={name} className="flex max-w-full items-center rounded-md bg-hover pl-2 text-12">
              <span className="truncate">{name}</span>
              {count < uids.length ? <span className="ml-1.5 text-muted">{formatCount(count)}</span> : null}
              <Button
                look="quiet"
                square
                aria-label={`Remove the tag ${name}`}
                title={`Remove the tag ${name}`}
                disabled={edit.isPending}
                onClick={() => edit.mutate({ uids, change: { removeTags: [name] } })}
              >
                <X size={12} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}

/** How many of the jobs have each tag, by name. */
function countTags(cards: readonly JobCard[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const tag of cards.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}
