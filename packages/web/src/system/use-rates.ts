import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { RateCardInput } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'

export function useRates() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['rates'],
    queryFn: async ({ signal }) => client.call('system.rates', { signal }),
  })
}

/** Sets the rates. What is shown of costs anywhere is asked for again. */
export function useSetRates() {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (body: RateCardInput) => client.call('system.set-rates', { body }),
    onSuccess: async (card) => {
      queries.setQueryData(['rates'], card)
      showToast({ words: 'The rates are set. Costs of all jobs follow within seconds.' })
      await queries.invalidateQueries()
    },
  })
}
