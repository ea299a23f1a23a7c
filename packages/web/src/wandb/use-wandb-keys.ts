import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { WandbKeySet, WandbServer } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

const queryKey = ['wandb-keys']

export function useWandbKeys() {
  const { client } = useServices()
  return useQuery({ queryKey, queryFn: async ({ signal }) => client.call('wandb.keys', { signal }) })
}

/** What can be done to keys; each has the list asked for again. */
export function useWandbCalls() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async () => queries.invalidateQueries({ queryKey })
  const set = useMutation({
    mutationFn: async (body: WandbKeySet) => client.call('wandb.set-key', { body }),
    onSettled,
  })
  const test = useMutation({
    mutationFn: async (body: WandbServer) => client.call('wandb.test-key', { body }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async (baseUrl: string) => client.call('wandb.delete-key', { query: { baseUrl } }),
    onSettled,
  })
  return { set, test, remove }
}
