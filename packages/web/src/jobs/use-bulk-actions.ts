import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { JobsEdit, JobsEdited } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { countJobs } from './use-delete-jobs.ts'

type Change = Omit<JobsEdit, 'uids'>
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

/** The change that takes one back, for the jobs that it has changed. Pure. */
export function invertChange({ addTags, removeTags, archived }: Change): Change {
  return {
    ...(addTags && { removeTags: addTags }),
    ...(removeTags && { addTags: removeTags }),
    ...(archived === undefined ? {} : { archived: !archived }),
  }
}

/** What has happened, and to which jobs it did not. Pure. */
export function describeEdit({ uids, missing, full }: JobsEdited, { addTags, removeTags, archived }: Change): string {
  const jobs = countJobs(uids.length)
  const rest = [
    ...(missing > 0 ? [` ${countJobs(missing)} of others stayed as they were.`] : []),
    ...(full > 0 ? [` ${countJobs(full)} had too many tags already.`] : []),
  ].join('')
  if (archived === true) return `${jobs} archived; the search «is:archived» finds them.${rest}`
  if (archived === false) return `${jobs} brought back from the archive.${rest}`
  if (addTags) return `${jobs} tagged ${addTags.join(', ')}.${rest}`
  return `${(removeTags ?? []).join(', ')} taken from ${jobs}.${rest}`
}
