import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Channel, ChannelCreate, ChannelPatch, Delivery } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { tell } from './use-alerts.ts'

/** Deliveries come to their end by themselves: so often they are looked at again, ms. */
const lookEveryMs = 5_000
const deliveriesShown = 50

/** Channels, for those who may see them; others get none. */
export function useChannels() {
  const { client } = useServices()
  const { permissions } = useSession()
  return useQuery({
    queryKey: ['channels'],
    queryFn: async ({ signal }) => client.call('channels.list', { signal }),
    enabled: permissions.includes('alerts:manage'),
    refetchInterval: lookEveryMs,
  })
}

/** The newest deliveries of all channels. */
export function useDeliveries() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['deliveries'],
    queryFn: async ({ signal }) => client.call('deliveries.list', { query: { limit: deliveriesShown }, signal }),
    refetchInterval: lookEveryMs,
  })
}

/** Adds, changes, tests and deletes channels. */
export function useChannelChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => {
    await Promise.all(
      ['channels', 'deliveries', 'alert-rules'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    )
  }
  const create = useMutation({
    mutationFn: async (body: ChannelCreate) => client.call('channels.create', { body }),
    onSettled,
  })
  const edit = useMutation({
    mutationFn: async ({ id, ...body }: ChannelPatch & { id: number }) =>
      client.call('channels.edit', { params: { id: String(id) }, body }),
    onError: tell,
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async ({ id }: Channel) => client.call('channels.delete', { params: { id: String(id) } }),
    onSuccess: (_, { name }) => showToast({ words: `The channel «${name}» is deleted.` }),
    onError: tell,
    onSettled,
  })
  const test = useMutation({
    mutationFn: async ({ id }: Channel) => client.call('channels.test', { params: { id: String(id) } }),
    onSuccess: (delivery, { name }) => showToast(describeTest(delivery, name)),
    onError: tell,
    onSettled,
  })
  const repeat = useMutation({
    mutationFn: async ({ id }: Delivery) => client.call('deliveries.repeat', { params: { id: String(id) } }),
    onError: tell,
    onSettled,
  })
  return { create, edit, remove, test, repeat }
}

function describeTest({ status, error }: Delivery, name: string): { words: string; isBad?: boolean } {
  if (status === 'delivered') return { words: `The test has reached «${name}».` }
  return { words: `The test has not reached «${name}». ${error ?? ''}`, isBad: true }
}
