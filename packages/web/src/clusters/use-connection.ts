import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Connection, ConnectionAnswer } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

/** While ssh is at it, and may ask something, ms. */
const askOftenMs = 500
const askSeldomMs = 5_000

const keyOf = (name: string) => ['cluster-connection', name]

/** The connection that is made by hand, or stands. */
export function useConnection(name: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: keyOf(name),
    queryFn: async ({ signal }) => client.call('clusters.connection', { params: { name }, signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'connecting' || data?.state === 'asking' ? askOftenMs : askSeldomMs,
    staleTime: 0,
  })
}

export function useConnect(name: string) {
  const { client } = useServices()
  const take = useTake(name)
  return useMutation({
    mutationFn: async () => client.call('clusters.connect', { params: { name } }),
    onSuccess: take,
  })
}

export function useAnswer(name: string) {
  const { client } = useServices()
  const take = useTake(name)
  return useMutation({
    // What was answered is not kept here either.
    gcTime: 0,
    mutationFn: async (answer: ConnectionAnswer) => client.call('clusters.answer', { params: { name }, body: answer }),
    onSuccess: take,
  })
}

export function useDisconnect(name: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => client.call('clusters.disconnect', { params: { name } }),
    onSettled: async () => queries.invalidateQueries({ queryKey: keyOf(name) }),
  })
}

function useTake(name: string): (connection: Connection) => void {
  const queries = useQueryClient()
  return (connection) => queries.setQueryData(keyOf(name), connection)
}
