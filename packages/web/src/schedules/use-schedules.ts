import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { JobSchedule, ScheduleCreate, ScheduleList } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { tellProposed } from '../proposals/use-proposals.ts'

/** Schedules of a job: those under way and waiting first; kept fresh by its topic. */
export function useSchedules(uid: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['schedules', uid],
    queryFn: async ({ signal }): Promise<ScheduleList> => client.call('schedules.list', { params: { uid }, signal }),
  })
}

/** Giving and cancelling them; what went wrong is told where somebody asked for it. */
export function useScheduleActions(uid: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => refreshSteering(queries, uid, ['schedules', 'commands', 'proposals'])
  const create = useMutation({
    mutationFn: async (body: ScheduleCreate) => client.call('schedules.create', { params: { uid }, body }),
    onSuccess: (answer) => tellProposed('proposals' in answer ? 1 : 0),
    onSettled,
  })
  const cancel = useMutation({
    mutationFn: async ({ id }: Pick<JobSchedule, 'id'>) =>
      client.call('schedules.cancel', { params: { uid, id: String(id) } }),
    onSettled,
  })
  return { create, cancel }
}
