import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Job, JobPatch } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'

/** Changes fields of a job; what is on screen follows the server's answer. */
export function useEditJob(job: Job) {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (body: JobPatch) => client.call('jobs.edit', { params: { uid: job.uid }, body }),
    onSuccess: (edited) => queries.setQueryData(['job', job.uid], edited),
  })
}

/** True when the person may change this job: their own, or anybody's with the right to. */
export function useMayEdit(job: Job | undefined): boolean {
  const { permissions, member } = useSession()
  if (permissions.includes('training:admin')) return true
  return permissions.includes('training:manage') && job?.owner.id === member.id
}
