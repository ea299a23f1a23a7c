import { useEffect } from 'react'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Alert, AlertPage, AlertRule, AlertRuleInput, AlertStatus } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'
import type { AlertsSearch } from './alerts-search.ts'

const pageLimit = 100
/** The page that no cursor leads to. */
const firstPage: number | null = null

/** Alerts as the address asks for them, kept fresh by their topic. */
export function useAlerts({ status, level, job, rule }: AlertsSearch) {
  const { client, live } = useServices()
  const queries = useQueryClient()
  useEffect(() => {
    const lookAgain = (): void => void queries.invalidateQueries({ queryKey: ['alerts'] })
    return live.subscribe('alerts', { onEvent: lookAgain, onReset: lookAgain })
  }, [live, queries])
  return useInfiniteQuery({
    queryKey: ['alerts', { status, level, job, rule }],
    queryFn: async ({ pageParam, signal }): Promise<AlertPage> => {
      const query = {
        limit: pageLimit,
        ...(status === 'all' ? {} : { status: statusesOf(status) }),
        ...(level === undefined ? {} : { level: [level] }),
        ...(job === undefined ? {} : { job: [job] }),
        ...(rule === undefined ? {} : { rule: [Number(rule)] }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      }
      return client.call('alerts.list', { query, signal })
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
  })
}

function statusesOf(status: 'resolved' | undefined): AlertStatus[] {
  return status === 'resolved' ? ['resolved'] : ['raised', 'acknowledged']
}

/** Takes alerts on, resolves them; both can be taken back. */
export function useAlertEdit() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => queries.invalidateQueries({ queryKey: ['alerts'] })
  const edit = useMutation({
    mutationFn: async ({ alerts, status }: { alerts: readonly Alert[]; status: AlertStatus }) =>
      client.call('alerts.edit-many', { body: { ids: alerts.map(({ id }) => id), status } }),
    onSuccess: ({ alerts }, { status }) => {
      if (status === 'raised') return
      const words = `${alerts.length === 1 ? 'The alert is' : `${alerts.length} alerts are`} ${status}.`
      showToast({ words, action: { name: 'Undo', run: () => edit.mutate({ alerts, status: 'raised' }) } })
    },
    onError: tell,
    onSettled,
  })
  return edit
}

export function useAlertRules() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['alert-rules'],
    queryFn: async ({ signal }) => client.call('alert-rules.list', { signal }),
  })
}

/** Writes, changes and deletes rules; a deleted one can be brought back. */
export function useRuleChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['alert-rules'] })
    await queries.invalidateQueries({ queryKey: ['alerts'] })
  }
  const create = useMutation({
    mutationFn: async (body: AlertRuleInput) => client.call('alert-rules.create', { body }),
    onSettled,
  })
  const replace = useMutation({
    mutationFn: async ({ id, body }: { id: number; body: AlertRuleInput }) =>
      client.call('alert-rules.replace', { params: { id: String(id) }, body }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async (rule: AlertRule) => client.call('alert-rules.delete', { params: { id: String(rule.id) } }),
    onSuccess: (_, rule) =>
      showToast({
        words: `The rule «${rule.name}» is deleted.`,
        action: { name: 'Undo', run: () => create.mutate(toInput(rule)) },
      }),
    onError: tell,
    onSettled,
  })
  return { create, replace, remove }
}

/** What of a rule its writer wrote. */
export function toInput(rule: AlertRule): AlertRuleInput {
  const { name, condition, scope, level, channels, clearMs, cooldownMs, tellResolved, enabled } = rule
  return { name, condition, scope, level, channels, clearMs, cooldownMs, tellResolved, enabled }
}

export function useAlertRights(): {
  mayManage: boolean
  mayManageChannels: boolean
  mayChange: (rule: AlertRule) => boolean
} {
  const { permissions, member } = useSession()
  const mayManage = permissions.includes('alerts:manage')
  const isAdmin = permissions.includes('training:admin')
  return {
    mayManage,
    mayManageChannels: permissions.includes('channels:manage'),
    mayChange: ({ owner }) => mayManage && (isAdmin || owner.id === member.id),
  }
}

export function tell(error: Error): void {
  showToast({ words: error.message, isBad: true })
}
