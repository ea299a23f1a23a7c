import { useEffect, useRef, useState } from 'react'
import { Link } from '@tanstack/react-router'
import type { Note } from '@pilothouse/contract'
import { formatCount, formatValue } from '@pilothouse/signals'
import { Pencil, Trash2 } from 'lucide-react'
import { formatExactTime } from '../app/format-clock-time.ts'
import { formatRange } from '../charts/chart-search.ts'
import { Button } from '../ui/button.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { NoteComposer } from './note-composer.tsx'
import { NoteText } from './note-text.tsx'
import type { useNoteActions } from './use-notes.ts'

export type NoteItemProps = {
  note: Note
  letter: string | undefined
  now: number
  mayChange: boolean
  /** Somebody came for this one. */
  isSought: boolean
  actions: ReturnType<typeof useNoteActions>
}

/** Who wrote what when, about what. */
export function NoteItem({ note, letter, now, mayChange, isSought, actions }: NoteItemProps) {
  const [isEditing, setEditing] = useState(false)
  const place = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isSought) place.current?.scrollIntoView({ block: 'center' })
  }, [isSought])
  const { author, created, edited, text } = note
  return (
    <li
      ref={place}
      data-note={note.id}
      className={`flex flex-col gap-1.5 rounded-lg border bg-surface px-3 py-2.5 ${isSought ? 'border-accent' : 'border-line'}`}
    >
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">{author.name}</span>
        <span className="text-muted">
          <TimeAgo at={created} now={now} />
          {edited ? <span title={`${formatExactTime(edited.at)}, by ${edited.by.name}`}> · changed</span> : null}
        </span>
        {mayChange && !isEditing ? (
          <span className="ml-auto flex">
            <Button look="quiet" square aria-label="Change this note" title="Change" onClick={() => setEditing(true)}>
              <Pencil size={14} aria-hidden />
            </Button>
            <Button
              look="quiet"
              square
              aria-label="Delete this note"
              title="Delete"
              onClick={() => actions.remove.mutate(note.id)}
            >
              <Trash2 size={14} aria-hidden />
            </Button>
          </span>
        ) : null}
      </div>
      <Subject note={note} letter={letter} />
      {isEditing ? (
        <NoteComposer
          label="Change this note"
          text={text}
          send="Save"
          focus
          isSending={actions.edit.isPending}
          error={actions.edit.error}
          onCancel={() => setEditing(false)}
          onSend={(next) => actions.edit.mutate({ id: note.id, text: next }, { onSuccess: () => setEditing(false) })}
        />
      ) : (
        <NoteText text={text} />
      )}
    </li>
  )
}

/** The point that a note is about leads to its chart, a checkpoint to its sheet. */
function Subject({ note: { subject }, letter }: { note: Note; letter: string | undefined }) {
  if (subject.kind === 'checkpoint') {
    return (
      <Link
        from="/job/$uid"
        search={{ tab: 'checkpoints', checkpoint: String(subject.id) }}
        className="w-fit max-w-full truncate text-12 text-accent hover:underline"
      >
        checkpoint «{subject.name}», step {formatCount(subject.step)}
      </Link>
    )
  }
  if (subject.kind !== 'point') return null
  const { key, step, value } = subject
  const around = Math.max(10, Math.abs(step) / 10)
  return (
    <Link
      from="/job/$uid"
      search={{ tab: 'metrics', x: 'step', keys: key, range: formatRange([step - around, step + around]) }}
      className="flex w-fit max-w-full items-center gap-2 text-12 text-accent hover:underline"
    >
      {letter === undefined ? null : (
        <span className="rounded-sm border border-line-strong px-1 font-semibold text-muted">{letter}</span>
      )}
      <span className="min-w-0 truncate">
        {key} {formatValue(typeof value === 'number' ? value : Number(value))} at step {formatCount(step)}
      </span>
    </Link>
  )
}
