import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Budget, BudgetInput, CostGrouping } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import type { CostFrame } from './costs-search.ts'

const refreshMs = 30_000
/** Jobs that run, of which the cost is shown. */
const runningMax = 200
const dayMs = 24 * 3_600_000

export function useCostRights(): { maySee: boolean; mayManage: boolean; maySetRates: boolean } {
  const { permissions } = useSession()
  return {
    maySee: permissions.includes('training:view'),
    mayManage: permissions.includes('budgets:manage'),
    maySetRates: permissions.includes('system:manage'),
  }
}

/** Minutes that the clock here is ahead of UTC. */
export function readOffset(): number {
  return -new Date().getTimezoneOffset()
}

export function useCostNow() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['costs', 'now'],
    queryFn: async ({ signal }) => client.call('costs.now', { query: { offsetMinutes: readOffset() }, signal }),
    refetchInterval: refreshMs,
  })
}

export function useCostHistory(by: CostGrouping, days: CostFrame) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['costs', 'history', by, days],
    queryFn: async ({ signal }) => {
      const until = Date.now()
      const query = { by, from: until - (Number(days) - 1) * dayMs, until, offsetMinutes: readOffset() }
      return client.call('costs.history', { query, signal })
    },
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  })
}

export function useRunningCosts() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['costs', 'running'],
    queryFn: async ({ signal }) => client.call('jobs.current', { query: { limit: runningMax }, signal }),
    refetchInterval: refreshMs,
  })
}

export function useBudgets() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['budgets'],
    queryFn: async ({ signal }) => client.call('budgets.list', { signal }),
    refetchInterval: refreshMs,
  })
}

export function useBudgetNotices() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['budgets', 'notices'],
    queryFn: async ({ signal }) => client.call('budgets.notices', { signal }),
    refetchInterval: refreshMs,
  })
}

/** Sets, changes and deletes budgets. */
export function useBudgetChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => queries.invalidateQueries({ queryKey: ['budgets'] })
  const save = useMutation({
    mutationFn: async ({ id, body }: { id: number | null; body: BudgetInput }) =>
      id === null
        ? client.call('budgets.create', { body })
        : client.call('budgets.replace', { params: { id: String(id) }, body }),
    onSuccess: ({ name }) => showToast({ words: `The budget «${name}» is set.` }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async ({ id }: Budget) => client.call('budgets.delete', { params: { id: String(id) } }),
    onSuccess: (_, { name }) => showToast({ words: `The budget «${name}» is deleted.` }),
    onSettled,
  })
  return { save, remove }
}
