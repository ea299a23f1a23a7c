import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { CheckpointPolicy, PolicyAnswer } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { showToast } from '../ui/toasts.tsx'

/** The rules of a job, and what they make of its checkpoints; asked for again with the list of them. */
export function usePolicy(uid: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['checkpoints', uid, 'policy'],
    queryFn: async ({ signal }): Promise<PolicyAnswer> =>
      client.call('checkpoints.policy', { params: { uid }, signal }),
  })
}

/** What rules would do; undefined: nothing is asked. */
export function useTriedPolicy(uid: string, policy: CheckpointPolicy | null | undefined) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['checkpoints', uid, 'tried', policy],
    queryFn: async ({ signal }): Promise<PolicyAnswer> =>
      client.call('checkpoints.set-policy', {
        params: { uid },
        query: { dryRun: 'true' },
        body: { policy: policy ?? null },
        signal,
      }),
    enabled: policy !== undefined,
    placeholderData: (before) => before,
    gcTime: 0,
  })
}

type Saved = { policy: CheckpointPolicy | null; seen: CheckpointPolicy | null }

/** Sets rules in the place of those that were seen; for a while it can be undone. */
export function useSavePolicy(uid: string, onSaved: () => void) {
  const { client } = useServices()
  const queries = useQueryClient()
  const set = async (body: Saved): Promise<PolicyAnswer> =>
    client.call('checkpoints.set-policy', { params: { uid }, body })
  const onSettled = async (): Promise<void> => refreshSteering(queries, uid, ['checkpoints'])
  const undo = useMutation({
    mutationFn: async ({ policy, seen, gone }: Saved & { gone: readonly number[] }) => {
      // The rules first: what comes back would go again by them.
      await set({ policy: seen, seen: policy })
      for (const id of gone) await client.call('checkpoints.restore', { params: { uid, id: String(id) } })
    },
    onError: (error) => showToast({ words: error.message, isBad: true }),
    onSettled,
  })
  return useMutation({
    mutationFn: set,
    onSuccess: ({ decisions }, saved) => {
      const gone = decisions.filter(({ keep }) => !keep).map(({ id }) => id)
      showToast({
        words: `The rules are set. ${describeGoing(gone.length)}`,
        action: { name: 'Undo', run: () => undo.mutate({ ...saved, gone }) },
      })
      onSaved()
    },
    onSettled,
  })
}

function describeGoing(count: number): string {
  if (count === 0) return 'No checkpoint goes by them now.'
  return `${count === 1 ? '1 checkpoint' : `${count} checkpoints`} will be deleted in ten minutes.`
}
