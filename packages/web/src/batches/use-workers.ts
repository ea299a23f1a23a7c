import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { LaunchedWorker, WorkerStart } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { countWords } from './batch-words.ts'

/** Ms. */
const askEveryMs = 10_000

const key = ['workers']

/** Workers that were launched from here. */
export function useLaunchedWorkers() {
  const { client } = useServices()
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => client.call('workers.list', { signal }),
    refetchInterval: askEveryMs,
    staleTime: 0,
  })
}

/** Starts and stops them. What is wrong with a field is told where it is. */
export function useWorkerChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => {
    await Promise.all([key, ['batches', 'overview']].map((queryKey) => queries.invalidateQueries({ queryKey })))
  }
  const start = useMutation({
    mutationFn: async (body: WorkerStart) => client.call('workers.start', { body }),
    onSuccess: ({ workers }) =>
      showToast({ words: `${countWords(workers.length, 'worker')} on the way: listed here once heard of.` }),
    onSettled,
  })
  const stop = useMutation({
    mutationFn: async (workers: readonly LaunchedWorker[]) => {
      for (const { jobUid: uid, state } of workers)
        if (state !== null && !isEnded(state)) await client.call('launches.order', { params: { uid, order: 'cancel' } })
    },
    onSuccess: (_, { length }) =>
      showToast({ words: `${countWords(length, 'worker')} told to stop. Others go on with what they had.` }),
    onError: ({ message }) => showToast({ words: message, isBad: true }),
    onSettled,
  })
  return { start, stop }
}
