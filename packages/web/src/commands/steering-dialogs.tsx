import { lazy, Suspense } from 'react'
import type { Job } from '@pilothouse/contract'
import type { Steering } from './use-steering.ts'

/** Fetched when somebody tells the job something, or looks at what it was told. */
const CommandSheet = lazy(async () => ({ default: (await import('./command-sheet.tsx')).CommandSheet }))
const StopDialog = lazy(async () => ({ default: (await import('./stop-dialog.tsx')).StopDialog }))
const CheckpointDialog = lazy(async () => ({
  default: (await import('../checkpoints/checkpoint-dialog.tsx')).CheckpointDialog,
}))

/** What is open of them. */
export type SteeringDialog = 'stop' | 'checkpoint' | 'list'

type DialogsProps = { job: Job; steering: Steering; open: SteeringDialog | undefined; onClose: () => void }

export function SteeringDialogs({ job, steering: { page }, open, onClose }: DialogsProps) {
  return (
    <Suspense fallback={null}>
      {open === 'list' ? <CommandSheet job={job} onClose={onClose} /> : null}
      {open === 'stop' ? (
        <StopDialog job={job} canWrite={page?.controls?.kinds.includes('checkpoint') ?? false} onClose={onClose} />
      ) : null}
      {open === 'checkpoint' ? <CheckpointDialog job={job} onClose={onClose} /> : null}
    </Suspense>
  )
}
