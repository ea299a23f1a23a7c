/** What the job that is on the page can be told, by whom, and what it was told last. */
import { useMemo } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Command, CommandKind, CommandPage, Job } from '@pilothouse/contract'
import { isEnded, isOpenCommand } from '@pilothouse/contract/wire'
import { useServices, useSession } from '../app/services.ts'
import { useMayEdit } from '../job/use-edit-job.ts'
import { showToast } from '../ui/toasts.tsx'
import { refreshSteering, useSteeringTopic } from './steering-queries.ts'

/** What the header of a job tells it; parameters, checkpoints and going back have their tabs. */
export const headerOrders = ['pause', 'resume', 'checkpoint', 'evaluate', 'stop'] as const
export type HeaderOrder = (typeof headerOrders)[number]

/** What needs no more words than its name. */
export type PlainOrder = Exclude<HeaderOrder, 'checkpoint' | 'stop'>

export type Steering = {
  page: CommandPage | undefined
  /** Of these the member may give each now, and the job says that it takes it. */
  offered: readonly HeaderOrder[]
  /** Why the member may not give all that the job takes; undefined where they may. */
  withheld: string | undefined
  /** What waits for the job, oldest first. */
  waiting: readonly Command[]
  tell: (order: PlainOrder) => void
}

/** Commands that the page of a job looks at; the list of them has the rest. */
const lookedAt = 100

export function useSteering(uid: string, job: Job | undefined): Steering {
  const { client } = useServices()
  const queries = useQueryClient()
  const rights = useSteeringRights(job)
  const found = useQuery({
    queryKey: ['commands', uid, 'newest'],
    queryFn: async ({ signal }) =>
      client.call('commands.list', { params: { uid }, query: { limit: lookedAt }, signal }),
  })
  const page = found.data
  useSteeringTopic(uid, job && page && JSON.stringify([job.state, job.attempt, page.controls?.kinds]))
  const order = useMutation({
    mutationFn: async (kind: PlainOrder) => client.call(`jobs.${kind}`, { params: { uid }, body: {} }),
    onError: (error) => showToast({ words: error.message, isBad: true }),
    onSettled: async () => refreshSteering(queries, uid, ['commands']),
  })
  const { mutate } = order
  return useMemo(() => {
    const waiting = (page?.commands ?? []).filter(({ state }) => isOpenCommand(state)).toReversed()
    const kinds = page?.controls?.kinds ?? []
    const offered = job
      ? headerOrders.filter((one) => kinds.includes(one) && rights[one] && fits(one, job, waiting))
      : []
    const withheld = job && !isEnded(job.state) ? explainRights(rights, kinds) : undefined
    return { page, offered, withheld, waiting, tell: (one: PlainOrder) => mutate(one) }
  }, [page, job, rights, mutate])
}

/** Nobody is offered to pause what is paused already, or is about to be. */
function fits(order: HeaderOrder, { state }: Job, waiting: readonly Command[]): boolean {
  if (isEnded(state)) return false
  if (order === 'pause' && state === 'paused') return false
  if (order === 'resume' && state !== 'paused') return false
  return order === 'checkpoint' || !waiting.some(({ kind }) => kind === order)
}

function explainRights({ pause, stop }: SteeringRights, kinds: readonly CommandKind[]): string | undefined {
  if (!pause && headerOrders.some((one) => kinds.includes(one)))
    return 'To steer it takes the right to manage this job: its owner and admins have it.'
  if (!stop && kinds.includes('stop')) return 'To stop it takes the right to lead this job, which admins have.'
  return undefined
}

export type SteeringRights = Record<CommandKind, boolean>

/** What of steering the member may do with this job, as the server sees it. */
export function useSteeringRights(job: Job | undefined): SteeringRights {
  const { permissions } = useSession()
  const mayEdit = useMayEdit(job)
  const mayLead = mayEdit && permissions.includes('training:admin')
  return useMemo(
    () => ({
      set: mayEdit,
      checkpoint: mayEdit,
      pause: mayEdit,
      resume: mayEdit,
      evaluate: mayEdit,
      stop: mayLead,
      rollback: mayLead,
      deleteCheckpoint: mayLead,
      copy: mayEdit,
      schedule: mayEdit,
      cancelSchedule: mayEdit,
    }),
    [mayEdit, mayLead],
  )
}
