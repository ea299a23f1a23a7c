import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Preset, PresetCreate, Session } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { tellProposed } from '../proposals/use-proposals.ts'
import { showToast } from '../ui/toasts.tsx'

/** Presets of a project and those of all, by name. */
export function usePresets(project: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['presets', project],
    queryFn: async ({ signal }): Promise<readonly Preset[]> =>
      (await client.call('presets.list', { query: { project }, signal })).presets,
    staleTime: 0,
  })
}

/** True when it is one's own, or one's to look after. */
export function mayDeletePreset({ by }: Preset, { member, permissions }: Session): boolean {
  return permissions.includes('training:admin') || (permissions.includes('training:manage') && by.id === member.id)
}

/** Keeping, deleting and applying presets. */
export function usePresetActions(uid: string) {
  const { client } = useServices()
  const session = useSession()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => queries.invalidateQueries({ queryKey: ['presets'] })
  const create = useMutation({
    mutationFn: async (body: PresetCreate): Promise<Preset> => client.call('presets.create', { body }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async ({ id }: Preset) => client.call('presets.delete', { params: { id } }),
    onSuccess: (_, { name, project, values, by }) => {
      const words = `Preset «${name}» deleted.`
      // Somebody else's would come back as one's own.
      const again = { name, project, values }
      showToast(
        by.id === session.member.id ? { words, action: { name: 'Undo', run: () => create.mutate(again) } } : { words },
      )
    },
    onError: (error) => showToast({ words: `The preset was not deleted: ${error.message}`, isBad: true }),
    onSettled,
  })
  const apply = useMutation({
    mutationFn: async ({ id, note }: { id: number; note: string }) =>
      client.call('parameters.apply-preset', {
        params: { uid, presetId: String(id) },
        body: note === '' ? {} : { note },
      }),
    onSuccess: (answer) => tellProposed('proposals' in answer ? answer.proposals.length : 0),
    onSettled: async () => refreshSteering(queries, uid, ['parameters', 'commands', 'proposals']),
  })
  return { create, remove, apply }
}
