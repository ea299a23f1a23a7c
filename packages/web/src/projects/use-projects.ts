import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Project, ProjectCreate } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'

/** Folders change by themselves, and what is fetched comes bit by bit: so often they are looked at again, ms. */
const lookEveryMs = 15_000
const followEveryMs = 1_000

function pace(projects: readonly (Project | null)[]): number {
  return projects.some((one) => one !== null && one.sync !== null) ? followEveryMs : lookEveryMs
}

export function useProjects() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['projects'],
    queryFn: async ({ signal }) => client.call('projects.list', { signal }),
    refetchInterval: ({ state }) => pace(state.data?.projects ?? []),
  })
}

/** The one of this name with all that is known of it; null where there is none, with code or with jobs. */
export function useProject(name: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['projects', name],
    queryFn: async ({ signal }): Promise<Project | null> => {
      const { projects } = await client.call('projects.list', { query: { name }, signal })
      const [found = null] = projects
      if (found === null || found.id === null) return found
      return client.call('projects.get', { params: { id: String(found.id) }, signal })
    },
    refetchInterval: ({ state }) => pace([state.data ?? null]),
  })
}

export function useProjectRights(): { mayAdd: boolean; maySync: boolean } {
  const { permissions } = useSession()
  return { mayAdd: permissions.includes('projects:manage'), maySync: permissions.includes('training:manage') }
}

/** Adds, reads anew and forgets projects. */
export function useProjectChanges() {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => queries.invalidateQueries({ queryKey: ['projects'] })
  const create = useMutation({
    mutationFn: async (body: ProjectCreate) => client.call('projects.create', { body }),
    onSettled,
  })
  const sync = useMutation({
    mutationFn: async ({ id }: Project) => client.call('projects.sync', { params: { id: String(id) } }),
    onError: tell,
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async ({ id }: Project) => client.call('projects.delete', { params: { id: String(id) } }),
    onSuccess: (_, { name }) => showToast({ words: `The project «${name}» is forgotten.` }),
    onError: tell,
    onSettled,
  })
  return { create, sync, remove }
}

function tell(error: Error): void {
  showToast({ words: error.message, isBad: true })
}
