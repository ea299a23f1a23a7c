import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Job, JobState } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

/** States of which there may be something to say. */
export function isDiagnosed(state: JobState): boolean {
  return state === 'failed' || state === 'lost' || state === 'cancelled'
}

/** Why the job failed. Asked again with every change of the job: its last lines may come after its end. */
export function useDiagnosis(job: Job) {
  const { client } = useServices()
  const { uid, version } = job
  return useQuery({
    queryKey: ['job', uid, 'diagnosis', version],
    queryFn: async ({ signal }) => client.call('jobs.diagnosis', { params: { uid }, signal }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
