import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type {
  InstanceActionOrder,
  InstancePatch,
  InstanceRent,
  ProviderAccount,
  ProviderAccountCreate,
  RentedInstance,
} from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { nameInstance } from './instance-words.ts'

/** Providers are asked twice a minute; a page that is seen must not add much to that, ms. */
const askEveryMs = 5_000
const keys = { all: ['instances'], accounts: ['providers'] } as const

export function useMayRent(): boolean {
  return useSession().permissions.includes('instances:manage')
}

export function useInstances() {
  const { client } = useServices()
  return useQuery({
    queryKey: keys.all,
    queryFn: async ({ signal }) => client.call('instances.list', { signal }),
    refetchInterval: askEveryMs,
    staleTime: 0,
  })
}

/** One machine with its cost by day. */
export function useInstance(id: number) {
  const { client } = useServices()
  return useQuery({
    queryKey: [...keys.all, id],
    queryFn: async ({ signal }) => client.call('instances.get', { params: { id: String(id) }, signal }),
    refetchInterval: askEveryMs,
  })
}

/** Asked for by hand: a provider takes seconds for it. */
export function useInstanceLog(id: number) {
  const { client } = useServices()
  return useQuery({
    queryKey: [...keys.all, id, 'log'],
    queryFn: async ({ signal }) => client.call('instances.log', { params: { id: String(id) }, query: {}, signal }),
    enabled: false,
    retry: false,
  })
}

/** For those who may; others get none. */
export function useAccounts() {
  const { client } = useServices()
  return useQuery({
    queryKey: keys.accounts,
    queryFn: async ({ signal }) => client.call('providers.list', { signal }),
    enabled: useMayRent(),
    refetchInterval: askEveryMs,
    staleTime: 0,
  })
}

export type OfferWishes = { account: number; gpu: string; perHourMax: string }

export function useOffers({ account, gpu, perHourMax }: OfferWishes, isAsked: boolean) {
  const { client } = useServices()
  const query = {
    ...(gpu.trim() === '' ? {} : { gpu: gpu.trim() }),
    ...(perHourMax.trim() === '' ? {} : { perHourMax: perHourMax.trim() }),
  }
  return useQuery({
    queryKey: ['offers', account, query],
    queryFn: async ({ signal }) => client.call('providers.offers', { params: { id: String(account) }, query, signal }),
    enabled: isAsked,
    retry: false,
  })
}

/** Changes machines and accounts. Who makes a change sees what came of it. */
export function useInstanceChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: keys.all })
    await queries.invalidateQueries({ queryKey: keys.accounts })
  }
  const order = useMutation({
    mutationFn: async ({ id, ...body }: InstanceActionOrder & Pick<RentedInstance, 'id'>) =>
      client.call('instances.order', { params: { id: String(id) }, body }),
    onSuccess: (instance, { action }) =>
      showToast({ words: `${nameInstance(instance)} was told to ${action}. Its provider takes a moment for that.` }),
    onSettled,
  })
  const edit = useMutation({
    mutationFn: async ({ id, ...body }: InstancePatch & Pick<RentedInstance, 'id'>) =>
      client.call('instances.edit', { params: { id: String(id) }, body }),
    onError: tell,
    onSettled,
  })
  const rent = useMutation({
    mutationFn: async ({ account, ...body }: InstanceRent & { account: number }) =>
      client.call('providers.rent', { params: { id: String(account) }, body }),
    onSuccess: ({ instanceId }) => showToast({ words: `Machine ${instanceId} is rented. It is billed from now on.` }),
    onSettled,
  })
  const addAccount = useMutation({
    mutationFn: async (body: ProviderAccountCreate) => client.call('providers.create', { body }),
    onSettled,
  })
  const removeAccount = useMutation({
    mutationFn: async ({ id }: ProviderAccount) => client.call('providers.delete', { params: { id: String(id) } }),
    onSuccess: (_, { name }) => showToast({ words: `The account «${name}» is forgotten. Its machines go on.` }),
    onError: tell,
    onSettled,
  })
  return { order, edit, rent, addAccount, removeAccount }
}

function tell(error: Error): void {
  showToast({ words: error.message, isBad: true })
}
