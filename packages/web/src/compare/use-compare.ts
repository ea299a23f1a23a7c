import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { isEnded } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'

/** While one of the jobs runs, its figures are asked for again this often; its curves follow by themselves. */
const againAfterMs = 10_000

/** What a comparison needs of each job. Fewer than two are not asked about. */
export function useCompare(uids: readonly string[]) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['compare', uids],
    queryFn: async ({ signal }) => client.call('compare.get', { query: { job: [...uids] }, signal }),
    enabled: uids.length > 1,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.jobs.some((job) => !isEnded(job.state)) ? againAfterMs : false),
  })
}
