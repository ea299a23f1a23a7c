import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { JobsEdited } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { type Change, describeEdit, invertChange } from './bulk-change.ts'

type Asked = { uids: readonly string[]; change: Change; isUndo?: boolean }

/** Tags, archives and brings back many jobs at once, and offers the way back for as long as a toast stands. */
export function useBulkEdit() {
  const { client } = useServices()
  const queries = useQueryClient()
  const edit = useMutation({
    mutationFn: async ({ uids, change }: Asked): Promise<JobsEdited> =>
      client.call('jobs.edit-many', { body: { uids: [...uids], ...change } }),
    onSuccess: (edited, { change, isUndo }) => {
      const words = describeEdit(edited, change)
      const undo = (): void => edit.mutate({ uids: edited.uids, change: invertChange(change), isUndo: true })
      const canUndo = edited.uids.length > 0 && isUndo !== true
      showToast(canUndo ? { words, action: { name: 'Undo', run: undo } } : { words })
    },
    onError: (error) => showToast({ words: `Nothing was changed: ${error.message}`, isBad: true }),
    onSettled: (edited) => {
      for (const uid of edited?.uids ?? []) void queries.invalidateQueries({ queryKey: ['job', uid] })
      void queries.invalidateQueries({ queryKey: ['jobs'] })
      void queries.invalidateQueries({ queryKey: ['statistics'] })
    },
  })
  return edit
}
