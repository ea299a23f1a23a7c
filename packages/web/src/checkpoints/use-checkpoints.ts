import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Checkpoint, CheckpointList, CheckpointPatch } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { showToast } from '../ui/toasts.tsx'

/** Checkpoints of a job, newest first; kept fresh by its topic. */
export function useCheckpoints(uid: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['checkpoints', uid],
    queryFn: async ({ signal }): Promise<CheckpointList> =>
      client.call('checkpoints.list', { params: { uid }, signal }),
  })
}

/** Describing, tagging, pinning and deleting checkpoints; what is on screen follows the server. */
export function useCheckpointActions(uid: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => refreshSteering(queries, uid, ['checkpoints'])
  const tell = (error: Error): void => showToast({ words: error.message, isBad: true })
  const edit = useMutation({
    mutationFn: async ({ id, patch }: { id: number; patch: CheckpointPatch }) =>
      client.call('checkpoints.edit', { params: { uid, id: String(id) }, body: patch }),
    onError: tell,
    onSettled,
  })
  const restore = useMutation({
    mutationFn: async ({ id }: Pick<Checkpoint, 'id' | 'name'>) =>
      client.call('checkpoints.restore', { params: { uid, id: String(id) } }),
    onError: tell,
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async ({ id }: Pick<Checkpoint, 'id' | 'name'>) =>
      client.call('checkpoints.delete', { params: { uid, id: String(id) } }),
    onSuccess: ({ id, name }) =>
      showToast({
        words: `«${name}» will be deleted in ten minutes.`,
        action: { name: 'Undo', run: () => restore.mutate({ id, name }) },
      }),
    onError: tell,
    onSettled,
  })
  return { edit, restore, remove }
}

export type CheckpointActions = ReturnType<typeof useCheckpointActions>
