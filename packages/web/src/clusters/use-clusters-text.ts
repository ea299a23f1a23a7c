import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ClustersText, ClustersTextChange } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { useSettled } from '../ui/use-settled.ts'

const key = ['clusters-text']
/** Others may write the file on its machine meanwhile, ms. */
const askEveryMs = 2_000
/** Somebody types: the text is checked when they pause, ms. */
const pauseMs = 350

/** The file as it is now. */
export function useClustersText() {
  const { client } = useServices()
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => client.call('clusters.text', { signal }),
    refetchInterval: askEveryMs,
    staleTime: 0,
    gcTime: 0,
  })
}

/** What is wrong in a text; nothing is asked for null. What was true of the text before stays until the answer is there. */
export function useTextCheck(text: string | null) {
  const { client } = useServices()
  const settled = useSettled(text, pauseMs)
  const check = useQuery({
    queryKey: ['clusters-text-check', settled],
    queryFn: async ({ signal }) => client.call('clusters.check-text', { body: { text: settled ?? '' }, signal }),
    enabled: settled !== null,
    placeholderData: (before) => before,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  })
  /** It is about this text, not about one before. */
  const isCurrent = settled === text && check.data !== undefined && !check.isPlaceholderData
  return { data: check.data, error: check.error, isCurrent }
}

export function useSetText() {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (body: ClustersTextChange): Promise<ClustersText> => {
      await queries.cancelQueries({ queryKey: key }) // what it would answer is over
      return client.call('clusters.set-text', { body })
    },
    onSuccess: (saved) => {
      queries.setQueryData(key, saved)
      void queries.invalidateQueries({ queryKey: ['clusters'] })
    },
    onError: () => void queries.invalidateQueries({ queryKey: key }),
  })
}
