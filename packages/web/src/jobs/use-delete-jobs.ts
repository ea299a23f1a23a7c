import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useServices } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { countJobs } from './count-jobs.ts'

/** Deletes jobs that have ended, and offers the way back for as long as a toast stands. */
export function useDeleteJobs() {
  const { client } = useServices()
  const queries = useQueryClient()
  const lookAgain = (): void => {
    void queries.invalidateQueries({ queryKey: ['jobs'] })
    void queries.invalidateQueries({ queryKey: ['statistics'] })
  }
  const restore = useMutation({
    mutationFn: async (uids: readonly string[]) => {
      for (const uid of uids) await client.call('jobs.restore', { params: { uid } })
    },
    onSuccess: (_, uids) => showToast({ words: `${countJobs(uids.length)} restored.` }),
    onError: (error) => showToast({ words: `Not all jobs could be restored: ${error.message}`, isBad: true }),
    onSettled: lookAgain,
  })
  return useMutation({
    mutationFn: async (uids: readonly string[]) => client.call('jobs.delete-many', { body: { uids: [...uids] } }),
    onSuccess: ({ jobs, notEnded, restorableUntil }, uids) => {
      const rest = notEnded > 0 ? ` ${countJobs(notEnded)} had not ended and stayed.` : ''
      const words = `${countJobs(jobs)} deleted.${rest}`
      const canUndo = restorableUntil !== null && notEnded === 0
      showToast(canUndo ? { words, action: { name: 'Undo', run: () => restore.mutate(uids) } } : { words })
    },
    onError: (error) => showToast({ words: `Nothing was deleted: ${error.message}`, isBad: true }),
    onSettled: lookAgain,
  })
}
