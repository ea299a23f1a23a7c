import { useQuery } from '@tanstack/react-query'
import { useServices, useSession } from '../app/services.ts'

/** Folder of the server's data, for those who may know it; null for others and while it is not known. */
export function useDataFolder(): string | null {
  const { client } = useServices()
  const { permissions } = useSession()
  const system = useQuery({
    queryKey: ['system'],
    queryFn: async ({ signal }) => client.call('system.get', { signal }),
    enabled: permissions.includes('system:manage'),
  })
  return system.data?.disk.folder ?? null
}
