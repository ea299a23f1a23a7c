import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Approval } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

export function useApproval() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['approval'],
    queryFn: async ({ signal }) => client.call('system.approval', { signal }),
  })
}

/** Says where changes wait for an admin. Pages of jobs that are open ask anew. */
export function useSetApproval() {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (body: Approval) => client.call('system.set-approval', { body }),
    onSuccess: async (approval) => {
      queries.setQueryData(['approval'], approval)
      await queries.invalidateQueries({ queryKey: ['parameters'] })
    },
  })
}
