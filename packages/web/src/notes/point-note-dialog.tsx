import { formatValue } from '@pilothouse/signals'
import type { AnnotationPlace } from '../charts/annotations.ts'
import { Dialog } from '../ui/dialog.tsx'
import { NoteComposer } from './note-composer.tsx'
import { useNoteActions } from './use-notes.ts'

/** A note on the point of a curve at which somebody pointed. */
export function PointNoteDialog({ uid, place, onClose }: { uid: string; place: AnnotationPlace; onClose: () => void }) {
  const { create } = useNoteActions(uid)
  const { key, source, x, at, value } = place
  return (
    <Dialog open title="Note on a point" onClose={onClose}>
      <p className="pb-2 text-muted">
        {key} {formatValue(value)}
      </p>
      <NoteComposer
        label={`Note on ${key}`}
        send="Add note"
        focus
        isSending={create.isPending}
        error={create.error}
        onCancel={onClose}
        onSend={(text) => {
          const axis = x === 'epoch' || x === 'relative' || x === 'wall' ? x : 'step'
          create.mutate({ text, subject: { kind: 'point', key, source, x: axis, at } }, { onSuccess: onClose })
        }}
      />
    </Dialog>
  )
}
