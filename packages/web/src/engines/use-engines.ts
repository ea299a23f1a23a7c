import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Engine, EngineCreate, EnginePatch } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { describeLook } from './engine-words.ts'

/** Queues move by the second; pages that are seen ask the server so often, ms. */
const askEveryMs = 5_000
/** While the first look at one is on its way. */
const askSoonMs = 1_000

const key = ['engines']

/** All engines, for those who may send requests; others get none. */
export function useEngines() {
  const { client } = useServices()
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => client.call('engines.list', { signal }),
    enabled: useEngineRights().maySee,
    refetchInterval: ({ state: { data } }) =>
      data?.engines.some(({ health }) => health.state === 'unknown') ? askSoonMs : askEveryMs,
    staleTime: 0,
  })
}

export function useEngineRights(): { maySee: boolean; mayManage: boolean } {
  const { permissions } = useSession()
  return { maySee: permissions.includes('batch:submit'), mayManage: permissions.includes('engines:manage') }
}

/** Adds, changes, pauses, looks at and forgets engines. What is wrong with a field is told where it is. */
export function useEngineChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => queries.invalidateQueries({ queryKey: key })
  const create = useMutation({
    mutationFn: async (body: EngineCreate) => client.call('engines.create', { body }),
    onSuccess: tellLook,
    onSettled,
  })
  const edit = useMutation({
    mutationFn: async ({ id, ...body }: EnginePatch & { id: number }) =>
      client.call('engines.edit', { params: { id: String(id) }, body }),
    onSuccess: tellLook,
    onSettled,
  })
  const pause = useMutation({
    mutationFn: async ({ id, isPaused }: Engine) =>
      client.call('engines.edit', { params: { id: String(id) }, body: { isPaused: !isPaused } }),
    onSuccess: (engine) => {
      if (!engine.isPaused) tellLook(engine)
      else showToast({ words: `«${engine.name}» is paused: it gets no requests until it is resumed.` })
    },
    onError: tell,
    onSettled,
  })
  const check = useMutation({
    mutationFn: async ({ id }: Engine) => client.call('engines.check', { params: { id: String(id) } }),
    onSuccess: tellLook,
    onError: tell,
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async ({ id }: Engine) => client.call('engines.delete', { params: { id: String(id) } }),
    onSuccess: (_, { name }) => showToast({ words: `The engine «${name}» is forgotten. It goes on running.` }),
    onError: tell,
    onSettled,
  })
  return { create, edit, pause, check, remove }
}

/** The currency of prices: those who keep the rate card may read it, others see bare numbers. */
export function useCurrency(): string | undefined {
  const { client } = useServices()
  const { permissions } = useSession()
  return useQuery({
    queryKey: ['rates'],
    queryFn: async ({ signal }) => client.call('system.rates', { signal }),
    enabled: permissions.includes('system:manage'),
  }).data?.currency
}

function tellLook(engine: Engine): void {
  showToast(describeLook(engine))
}

function tell(error: Error): void {
  showToast({ words: error.message, isBad: true })
}
