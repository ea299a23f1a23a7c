import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ChangePage, ParameterChange, ParameterList } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

/** Changes in one answer; older ones are fetched when asked for. */
const pageLimit = 100
/** Of so many the charts show marks. */
const markedMax = 200
/** The first page is the one that no cursor leads to. */
const firstPage: number | null = null

/** Parameters of a job as they stand; kept fresh by its topic. */
export function useParameters(uid: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['parameters', uid],
    queryFn: async ({ signal }): Promise<ParameterList> => client.call('parameters.list', { params: { uid }, signal }),
  })
}

/** The newest changes of all parameters, newest first. */
export function useNewestChanges(uid: string): readonly ParameterChange[] | undefined {
  const { client } = useServices()
  return useQuery({
    queryKey: ['changes', uid, 'newest'],
    queryFn: async ({ signal }) =>
      client.call('parameters.changes', { params: { uid }, query: { limit: markedMax }, signal }),
  }).data?.changes
}

/** How parameters changed, newest first, all or one of them. */
export function useChanges(uid: string, key: string | undefined) {
  const { client } = useServices()
  return useInfiniteQuery({
    queryKey: ['changes', uid, 'history', key ?? null],
    queryFn: async ({ pageParam, signal }): Promise<ChangePage> => {
      const query = {
        limit: pageLimit,
        ...(key === undefined ? {} : { key }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      }
      return client.call('parameters.changes', { params: { uid }, query, signal })
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
  })
}
