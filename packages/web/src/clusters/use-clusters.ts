import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { ClusterStatus, HostKeyChoice, StartQuery } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

/** The server asks clusters twice a minute, however many look; pages ask the server so often, ms. */
const askEveryMs = 10_000
/** While the first answer of a cluster is on its way. */
const askSoonMs = 1_000

/** While somebody writes the file. */
const askOftenMs = 2_000

function choosePause(statuses: readonly ClusterStatus[] | undefined): number {
  return statuses?.some(({ state }) => state === 'unread') ? askSoonMs : askEveryMs
}

/** All clusters, at a glance. */
export function useClusters() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['clusters'],
    queryFn: async ({ signal }) => client.call('clusters.list', { signal }),
    refetchInterval: ({ state: { data } }) =>
      data && (data.file.state !== 'fine' || data.clusters.length === 0) ? askOftenMs : choosePause(data?.clusters),
    staleTime: 0,
  })
}

export function useCluster(name: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['cluster', name],
    queryFn: async ({ signal }) => client.call('clusters.gpus', { params: { name }, signal }),
    refetchInterval: ({ state }) => choosePause(state.data && [state.data.status]),
    staleTime: 0,
  })
}

/** Where a wish could start. What was asked before stays until the answer is there. */
export function useStart(name: string, wish: StartQuery) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['cluster-start', name, wish],
    queryFn: async ({ signal }) => ({
      wish,
      ...(await client.call('clusters.start', { params: { name }, query: wish, signal })),
    }),
    placeholderData: keepPreviousData,
    refetchInterval: askEveryMs,
    staleTime: 0,
  })
}

export function useConnectionTest(name: string) {
  const { client } = useServices()
  return useMutation({ mutationFn: async () => client.call('clusters.test', { params: { name } }) })
}

export function useHostKeyChoice(name: string, what: 'trust' | 'forget') {
  const { client } = useServices()
  return useMutation({
    mutationFn: async (choice: HostKeyChoice) => client.call(`clusters.${what}`, { params: { name }, body: choice }),
  })
}
