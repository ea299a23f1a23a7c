import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Checkpoint } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { showToast } from '../ui/toasts.tsx'

/** Copying to the control room, deleting such a copy, and looking at the files now; what is on screen follows the server. */
export function useCopyActions(uid: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  const after = {
    onError: (error: Error): void => showToast({ words: error.message, isBad: true }),
    onSettled: async (): Promise<void> => refreshSteering(queries, uid, ['checkpoints', 'commands']),
  }
  const ask = useMutation({
    mutationFn: async (id: number) => client.call('copies.create', { params: { uid, id: String(id) } }),
    ...after,
  })
  const remove = useMutation({
    mutationFn: async (id: number) => client.call('copies.delete', { params: { uid, id: String(id) } }),
    ...after,
  })
  const check = useMutation({
    mutationFn: async (before: Pick<Checkpoint, 'id' | 'summedAt'>) => {
      const now = await client.call('checkpoints.check', { params: { uid, id: String(before.id) } })
      return { now, isRead: now.summedAt !== before.summedAt }
    },
    onSuccess: ({ now, isRead }) => showToast({ words: describeCheck(now, isRead) }),
    ...after,
  })
  return {
    ask,
    remove,
    check,
    downloadUrl: (id: number) => client.url('copies.download', { params: { uid, id: String(id) } }),
  }
}

function describeCheck({ name, state, hidden }: Checkpoint, isRead: boolean): string {
  if (hidden !== null) return `Nothing is known of «${name}»: ${hidden.reason}`
  if (state !== 'present') return `«${name}» is ${state}.`
  return isRead
    ? `«${name}» has the bytes that were written.`
    : `«${name}» is being read. What comes of it stands here.`
}
