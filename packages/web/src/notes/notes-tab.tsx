import { useMemo } from 'react'
import type { Job } from '@pilothouse/contract'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { listAnnotations } from './list-annotations.ts'
import { NoteComposer } from './note-composer.tsx'
import { NoteItem } from './note-item.tsx'
import { NoteText } from './note-text.tsx'
import { useNoteActions, useNoteRights, type Notes } from './use-notes.ts'

/** What people say about a job and about points of its curves, newest first. */
export function NotesTab({ job, notes, sought }: { job: Job; notes: Notes; sought: number | undefined }) {
  const actions = useNoteActions(job.uid)
  const rights = useNoteRights()
  const now = useServerNow(10_000)
  const letters = useMemo(
    () => new Map(listAnnotations(notes.list ?? []).map(({ id, letter }) => [id, letter])),
    [notes.list],
  )
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      {job.notes === null ? null : <ScriptNotes text={job.notes} />}
      {rights.mayWrite ? (
        // Anew after each: what was written is sent.
        <NoteComposer
          key={actions.create.isSuccess ? actions.create.data.id : 0}
          label="Write a note"
          send="Add note"
          isSending={actions.create.isPending}
          error={actions.create.error}
          onSend={(text) => actions.create.mutate({ text })}
        />
      ) : (
        <p className="text-muted">
          You may read notes. To write them takes the right to manage jobs; an admin grants it.
        </p>
      )}
      {notes.error && !notes.list ? <ErrorNotice error={notes.error} onRetry={notes.retry} /> : null}
      {notes.list?.length === 0 ? (
        <p className="py-4 text-muted">
          No notes yet. They are for what the figures do not tell: what was tried, what was seen, what comes next. In a
          chart the key <kbd className="font-mono text-12">n</kbd> leaves one on the point under the cursor.
        </p>
      ) : null}
      <ol aria-label="Notes" className="flex flex-col gap-2">
        {notes.list?.map((note) => (
          <NoteItem
            key={note.id}
            note={note}
            letter={letters.get(String(note.id))}
            now={now}
            mayChange={rights.mayChange(note)}
            isSought={note.id === sought}
            actions={actions}
          />
        ))}
      </ol>
      {notes.more ? <Button onClick={notes.more}>Older notes</Button> : null}
    </div>
  )
}

/** The one text that the script itself, or the owner, gave the job. */
function ScriptNotes({ text }: { text: string }) {
  return (
    <section aria-labelledby="description-title" className="rounded-lg border border-line bg-surface px-3 py-2.5">
      <h2 id="description-title" className="text-12 text-muted">
        Description of the job
      </h2>
      <NoteText text={text} />
    </section>
  )
}
