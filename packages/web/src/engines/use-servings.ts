import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Serving, ServingStart } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { useEngineRights } from './use-engines.ts'

/** Ms; sooner while one begins or ends. */
const askEveryMs = 10_000
const askSoonMs = 1_000

const key = ['servings']

/** Engines that were started from here, for those who may send requests; others get none. */
export function useServings() {
  const { client } = useServices()
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => client.call('servings.list', { signal }),
    enabled: useEngineRights().maySee,
    refetchInterval: ({ state: { data } }) => (data?.servings.some(isMoving) ? askSoonMs : askEveryMs),
    staleTime: 0,
  })
}

function isMoving({ state }: Serving): boolean {
  return state === 'starting' || state === 'stopping'
}

/** Starts and stops them. What is wrong with a field is told where it is. */
export function useServingChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => {
    await Promise.all([key, ['engines']].map((queryKey) => queries.invalidateQueries({ queryKey })))
  }
  const start = useMutation({
    mutationFn: async (body: ServingStart) => client.call('servings.start', { body }),
    onSuccess: ({ name }) =>
      showToast({ words: `«${name}» is being started. It is listed as an engine once it answers.` }),
    onSettled,
  })
  const stop = useMutation({
    mutationFn: async ({ id }: Serving) => client.call('servings.stop', { params: { id: String(id) } }),
    onSuccess: ({ name }) => showToast({ words: `«${name}» is being stopped.` }),
    onError: (error) => showToast({ words: error.message, isBad: true }),
    onSettled,
  })
  return { start, stop }
}
