import { useQuery } from '@tanstack/react-query'
import type { Job } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { useServerNow, useServices } from '../app/services.ts'
import { NoteComposer } from '../notes/note-composer.tsx'
import { NoteItem } from '../notes/note-item.tsx'
import { useNoteActions, useNoteRights } from '../notes/use-notes.ts'

/** What people write on one checkpoint; the topic of the job's notes keeps it fresh. */
export function CheckpointNotes({ job, id }: { job: Job; id: number }) {
  const { client } = useServices()
  const actions = useNoteActions(job.uid)
  const rights = useNoteRights()
  const now = useServerNow(10_000)
  const found = useQuery({
    queryKey: ['notes', job.uid, 'checkpoint', id],
    queryFn: async ({ signal }) =>
      client.call('notes.list', {
        params: { uid: job.uid },
        query: { checkpoint: id, limit: limits.notePageMax },
        signal,
      }),
  })
  const notes = found.data?.notes ?? []
  if (notes.length === 0 && !rights.mayWrite) return null
  return (
    <section aria-label="Notes on the checkpoint" className="flex flex-col gap-2">
      <h3 className="text-12 text-muted">Notes</h3>
      {notes.length > 0 ? (
        <ol className="flex flex-col gap-2" aria-label="Notes">
          {notes.map((note) => (
            <NoteItem
              key={note.id}
              note={note}
              letter={undefined}
              now={now}
              mayChange={rights.mayChange(note)}
              isSought={false}
              actions={actions}
            />
          ))}
        </ol>
      ) : null}
      {rights.mayWrite ? (
        <NoteComposer
          key={actions.create.isSuccess ? actions.create.data.id : 0}
          label="Write a note on this checkpoint"
          send="Add note"
          isSending={actions.create.isPending}
          error={actions.create.error}
          onSend={(text) => actions.create.mutate({ text, subject: { kind: 'checkpoint', id } })}
        />
      ) : null}
    </section>
  )
}
