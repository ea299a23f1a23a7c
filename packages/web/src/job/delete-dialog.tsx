import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { showToast } from '../ui/toasts.tsx'

/** Asks before a job goes away. */
export function DeleteDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const { client } = useServices()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const restore = useMutation({
    mutationFn: async () => client.call('jobs.restore', { params: { uid: job.uid } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['jobs'] })
      await navigate({ to: '/job/$uid', params: { uid: job.uid } })
    },
    onError: (error) => showToast({ words: `It could not be restored: ${error.message}`, isBad: true }),
  })
  const remove = useMutation({
    mutationFn: async () => client.call('jobs.delete', { params: { uid: job.uid } }),
    onSuccess: async () => {
      showToast({ words: `${job.name} deleted.`, action: { name: 'Undo', run: () => restore.mutate() } })
      await navigate({ to: '/' })
      await queries.invalidateQueries({ queryKey: ['jobs'] })
      queries.removeQueries({ queryKey: ['job', job.uid] })
    },
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Delete ${job.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            Delete job
          </Button>
        </>
      }
    >
      <p className="text-muted">Its metrics, log and samples go with it. It can be had back for a while.</p>
      {job.endedAt === null ? (
        <p className="mt-2 text-warn">It has not ended: its script goes on, and what it still reports is refused.</p>
      ) : null}
      {remove.error ? (
        <p role="alert" className="mt-2 text-bad">
          {remove.error.message}
        </p>
      ) : null}
    </Dialog>
  )
}
