import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Job } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

/** Where the time and the hardware of a job went. Asked again when the job changes: its last figures may come after its end. */
export function usePerformance({ uid, version }: Job) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['job', uid, 'performance', version],
    queryFn: async ({ signal }) => client.call('jobs.performance', { params: { uid }, signal }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
