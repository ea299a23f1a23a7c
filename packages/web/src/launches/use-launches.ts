import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Launch, LaunchCreate, LaunchOrder, LaunchSpecInput } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import { useSettled } from '../ui/use-settled.ts'

/** Somebody writes: the plan is asked for when they pause, ms. */
const pauseMs = 350

export function useMayLaunch(): boolean {
  return useSession().permissions.includes('launches:create')
}

export function useTargets() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['targets'],
    queryFn: async ({ signal }) => client.call('targets.list', { signal }),
  })
}

/** What would be launched. What was asked before stays until the answer is there. */
export function usePlan(spec: LaunchSpecInput | undefined) {
  const { client } = useServices()
  const text = useSettled(JSON.stringify(spec ?? null), pauseMs)
  return useQuery({
    queryKey: ['launch-plan', text],
    queryFn: async ({ signal }) =>
      client.call('launches.plan', { body: { spec: JSON.parse(text) as LaunchSpecInput }, signal }), // written above
    enabled: text !== 'null',
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  })
}

/** Asks the scheduler as well. */
export function useDryRun() {
  const { client } = useServices()
  return useMutation({
    mutationFn: async (spec: LaunchSpecInput) => client.call('launches.plan', { body: { spec, dryRun: true } }),
  })
}

export function useCreateLaunch() {
  const { client } = useServices()
  return useMutation({ mutationFn: async (body: LaunchCreate) => client.call('launches.create', { body }) })
}

/** How a job was launched; null for one that was not launched from here. */
export function useLaunch(uid: string | undefined) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['launch', uid],
    queryFn: async ({ signal }): Promise<Launch | null> => {
      try {
        return await client.call('launches.get', { params: { uid: uid ?? '' }, signal })
      } catch (error) {
        if (error instanceof PilothouseError && error.code === 'notFound') return null
        throw error
      }
    },
    enabled: uid !== undefined,
  })
}

export const orderNames: Record<LaunchOrder, string> = {
  cancel: 'Cancel',
  hold: 'Hold',
  release: 'Release',
  requeue: 'Requeue',
}

const said: Record<LaunchOrder, string> = {
  cancel: 'It is being cancelled.',
  hold: 'It is being held.',
  release: 'It is being let go.',
  requeue: 'It is being put back into the queue.',
}

export function useLaunchOrder(uid: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (order: LaunchOrder) => client.call('launches.order', { params: { uid, order } }),
    onSuccess: (_, order) => showToast({ words: said[order] }),
    onError: (error) => showToast({ words: error.message, isBad: true }),
    onSettled: async () => queries.invalidateQueries({ queryKey: ['launch', uid] }),
  })
}

export function useCleanLaunch(uid: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => client.call('launches.clean', { params: { uid } }),
    onSuccess: () => showToast({ words: 'Its folder is removed from the target.' }),
    onError: (error) => showToast({ words: error.message, isBad: true }),
    onSettled: async () => queries.invalidateQueries({ queryKey: ['launch', uid] }),
  })
}
