import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { AnnotationsProvider, type AnnotationPlace } from '../charts/annotations.ts'
import { listAnnotations } from './list-annotations.ts'
import { useNoteRights, type Notes } from './use-notes.ts'

/** Fetched with the first note that somebody leaves in a chart. */
const PointNoteDialog = lazy(async () => ({ default: (await import('./point-note-dialog.tsx')).PointNoteDialog }))

/** Puts the notes of a job on its charts, and lets them be left there. */
export function Annotated({ uid, notes: { list }, children }: { uid: string; notes: Notes; children: ReactNode }) {
  const navigate = useNavigate({ from: '/job/$uid' })
  const [place, setPlace] = useState<AnnotationPlace | null>(null)
  const { mayWrite } = useNoteRights()
  const annotations = useMemo(
    () => ({
      list: listAnnotations(list ?? []),
      onOpen: (id: number) => void navigate({ search: { tab: 'notes', note: String(id) } }),
      onAdd: mayWrite ? setPlace : undefined,
    }),
    [list, navigate, mayWrite],
  )
  return (
    <AnnotationsProvider value={annotations}>
      {children}
      {place ? (
        <Suspense fallback={null}>
          <PointNoteDialog uid={uid} place={place} onClose={() => setPlace(null)} />
        </Suspense>
      ) : null}
    </AnnotationsProvider>
  )
}
