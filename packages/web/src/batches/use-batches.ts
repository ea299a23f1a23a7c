import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { BatchCard, BatchDetail, BatchGroup, BatchRetry, DeadLetter } from '@pilothouse/contract'
import { isEndedBatch } from '@pilothouse/contract/wire'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import type { BatchesSearch } from './batches-search.ts'
import { countWords } from './batch-words.ts'

/** While something goes on, and the page is seen: figures move by the second. Else now and then, ms. */
const askEveryMs = 1_000
const askSeldomMs = 15_000
/** Models come and go with engines. */
const modelsFreshMs = 10_000
const pageSize = 50

const key = ['batches'] as const

export function useBatchRights(): { maySubmit: boolean } {
  return { maySubmit: useSession().permissions.includes('batch:submit') }
}

/** Pages of a list; each is asked for anew, so several are a little slower. */
export function useBatchList({ group: chosen, q, model }: BatchesSearch) {
  const { client } = useServices()
  const group: BatchGroup = chosen ?? 'active'
  return useInfiniteQuery({
    queryKey: [...key, 'list', group, q ?? '', model ?? ''],
    queryFn: async ({ pageParam, signal }) =>
      client.call('batches.list', {
        query: {
          group,
          limit: pageSize,
          ...(q === undefined ? {} : { text: q }),
          ...(model === undefined ? {} : { model }),
          ...(pageParam === undefined ? {} : { after: pageParam }),
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined, // the type of a page, which `undefined` alone does not tell
    getNextPageParam: ({ hasMore, batches }) => (hasMore ? batches.at(-1)?.id : undefined),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) =>
      (data?.pages[0]?.groupCounts.active ?? 0) > 0 ? askEveryMs * (data?.pages.length ?? 1) : askSeldomMs,
  })
}

/** Workers, queue and GPUs. */
export function useOverview() {
  const { client } = useServices()
  return useQuery({
    queryKey: [...key, 'overview'],
    queryFn: async ({ signal }) => client.call('batches.overview', { signal }),
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => ((data?.queue.batches ?? 0) > 0 ? askEveryMs * 2 : askSeldomMs),
  })
}

/** All of one batch. */
export function useBatch(id: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: [...key, 'one', id],
    queryFn: async ({ signal }) => client.call('batches.get', { params: { id }, signal }),
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => (goesOn(data) ? askEveryMs : askSeldomMs),
  })
}

/** What happened to a batch, asked for as long as something can, and at once when it stands in another way. */
export function useBatchLog({ id, status }: Pick<BatchCard, 'id' | 'status'>) {
  const { client } = useServices()
  return useQuery({
    queryKey: [...key, 'log', id, status],
    queryFn: async ({ signal }) => client.call('batches.log', { params: { id }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: isEndedBatch(status) ? askSeldomMs : askEveryMs * 2,
  })
}

/** Requests that failed for good, by line; all there are at once when the batch has ended. */
export function useDeadLetters({ id, status }: Pick<BatchCard, 'id' | 'status'>, code: DeadLetter['code'] | undefined) {
  const { client } = useServices()
  return useInfiniteQuery({
    queryKey: [...key, 'letters', id, code ?? '', isEndedBatch(status)],
    queryFn: async ({ pageParam, signal }) =>
      client.call('batches.dead-letters', {
        params: { id },
        query: { limit: pageSize, after: pageParam, ...(code === undefined ? {} : { code }) },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: ({ hasMore, letters }) => (hasMore ? letters.at(-1)?.line : undefined),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: isEndedBatch(status) ? askSeldomMs : askEveryMs * 3,
  })
}

/** What healthy engines answer for now. */
export function useModels() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['models'],
    queryFn: async ({ signal }) => client.call('models.list', { signal }),
    staleTime: modelsFreshMs,
    select: ({ data }) => data.map(({ id }) => id),
  })
}

/** Cancels, and sends failed requests again. */
export function useBatchChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => queries.invalidateQueries({ queryKey: key })
  const onError = ({ message }: Error): void => showToast({ words: message, isBad: true })
  const cancel = useMutation({
    mutationFn: async ({ id }: Pick<BatchCard, 'id' | 'name'>) =>
      client.call('openai-batches.cancel', { params: { id } }),
    onSuccess: (_, { name }) => showToast({ words: `«${name}» is being cancelled. What is done is kept.` }),
    onError,
    onSettled,
  })
  const retry = useMutation({
    mutationFn: async ({ id, ...body }: BatchRetry & { id: string }) =>
      client.call('batches.retry', { params: { id }, body }),
    onSuccess: ({ counts }, { lines }) =>
      showToast({ words: `A batch of its own sends ${describeAgain(lines?.length ?? counts.total)} again.` }),
    onError,
    onSettled,
  })
  return { cancel, retry }
}

function describeAgain(total: number): string {
  return total > 0 ? countWords(total, 'failed request') : 'what failed'
}

function goesOn(batch: BatchDetail | undefined): boolean {
  return batch !== undefined && !isEndedBatch(batch.status)
}
