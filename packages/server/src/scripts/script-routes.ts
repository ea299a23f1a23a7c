import { toAuthor } from '../access/access.ts'
import type { Handlers } from '../http/route.ts'
import type { KnownProject } from '../projects/project-keeper.ts'
import type { Resources } from '../resources.ts'

export const scriptHandlers: Handlers<'scripts.list' | 'scripts.describe'> = {
  'scripts.list': async ({ params, caller, resources }) =>
    resources.scripts.list(await readProject(resources, params.id), caller),
  'scripts.describe': async ({ params, body, caller, resources, request }) =>
    resources.scripts.describe(await readProject(resources, params.id), body, {
      caller,
      by: toAuthor(caller, request.ip),
    }),
}

async function readProject({ storage }: Resources, id: number): Promise<KnownProject> {
  const { source, code } = await storage.call('projects.get', { id })
  if (source === null) throw new Error('a project with an id has a source')
  return { id, ...source, isRead: code !== null }
}
