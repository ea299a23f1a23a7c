import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react'
import { useNavigate } from '@tanstack/react-router'
import type { Command, Job } from '@pilothouse/contract'
import { AnnotationsProvider, type Annotation, type AnnotationPlace } from '../charts/annotations.ts'
import { listSteeringMarks } from '../commands/list-steering-marks.ts'
import type { JobSearch } from '../job/job-search.ts'
import { useNewestChanges } from '../parameters/use-parameters.ts'
import { listAnnotations } from './list-annotations.ts'
import { useNoteRights, type Notes } from './use-notes.ts'

/** Fetched with the first note that somebody leaves in a chart. */
const PointNoteDialog = lazy(async () => ({ default: (await import('./point-note-dialog.tsx')).PointNoteDialog }))

type AnnotatedProps = {
  job: Job
  notes: Notes
  /** What the job was told, as far as it is known. */
  commands: readonly Command[] | undefined
  /** Branch that the charts show. */
  branch: number
  children: ReactNode
}

/** Puts the notes of a job on its charts and lets them be left there, with what was done to the job while it ran. */
export function Annotated({ job, notes: { list }, commands, branch, children }: AnnotatedProps) {
  const { uid, branches } = job
  const navigate = useNavigate({ from: '/job/$uid' })
  const [place, setPlace] = useState<AnnotationPlace | null>(null)
  const { mayWrite } = useNoteRights()
  const changes = useNewestChanges(uid)
  // The branches of a job come anew with every word of it; what stands in them seldom does.
  const known = JSON.stringify(branches)
  const marks = useMemo(
    () =>
      listSteeringMarks({
        changes: changes ?? [],
        commands: commands ?? [],
        branches: JSON.parse(known) as Job['branches'], // written above
        branch,
      }),
    [changes, commands, known, branch],
  )
  const annotations = useMemo(
    () => ({
      // The newest stand last: of too many the first are left out, and notes before all.
      list: [...marks, ...listAnnotations(list ?? [])],
      onOpen: (annotation: Annotation) => void navigate({ search: findTarget(annotation) }),
      onAdd: mayWrite ? setPlace : undefined,
    }),
    [marks, list, navigate, mayWrite],
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

/** Where more is said of a mark. */
function findTarget({ kind, id }: Annotation): JobSearch {
  switch (kind) {
    case 'note':
      return { tab: 'notes', note: id }
    case 'change':
      return { tab: 'parameters' }
    case 'fork':
      return { tab: 'checkpoints' }
    default:
      return kind satisfies never
  }
}
