import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Job, ResourceHint } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'

/** They speak of minutes: of a job under way they are worked out anew once in so many. */
const everyMs = 60_000

/** Hints on the hardware of a job. */
export function useHints({ uid, state, version }: Job) {
  const { client } = useServices()
  const isOver = isEnded(state)
  return useQuery({
    queryKey: ['job', uid, 'hints', isOver ? version : 'live'],
    queryFn: async ({ signal }): Promise<ResourceHint[]> =>
      (await client.call('jobs.performance', { params: { uid }, signal })).hints,
    placeholderData: keepPreviousData,
    staleTime: isOver ? Number.POSITIVE_INFINITY : everyMs,
    refetchInterval: isOver ? false : everyMs,
  })
}
