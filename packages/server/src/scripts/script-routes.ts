import { type HydraConfig, PilothouseError, splitWords } from '@pilothouse/contract'
import { toAuthor } from '../access/access.ts'
import type { Handlers, RouteContext } from '../http/route.ts'
import type { KnownProject } from '../projects/project-keeper.ts'
import type { Resources } from '../resources.ts'

export const scriptHandlers: Handlers<'scripts.list' | 'scripts.hydra' | 'scripts.describe'> = {
  'scripts.list': async ({ params, caller, resources }) =>
    resources.scripts.list(await readProject(resources, params.id), caller),
  'scripts.hydra': describeHydra,
  'scripts.describe': async ({ params, body, caller, resources, request }) =>
    resources.scripts.describe(await readProject(resources, params.id), body, {
      caller,
      by: toAuthor(caller, request.ip),
    }),
}

async function describeHydra(context: RouteContext<'scripts.hydra'>): Promise<HydraConfig> {
  const { params, query, caller, resources, request } = context
  const { overrides, consent } = query
  const project = await readProject(resources, params.id)
  const choices = await resources.scripts.list(project, caller)
  const script = query.script ?? choices.scripts.find(({ kind }) => kind === 'hydra')?.path
  if (script === undefined)
    throw new PilothouseError('notFound', 'No script of this project was found to use Hydra.', {
      field: 'script',
      hint: 'Name the script.',
    })
  const interpreter = query.interpreter ?? choices.interpreters[0]?.path ?? 'python3'
  const split = splitWords(overrides)
  if ('message' in split) throw new PilothouseError('invalid', split.message, { field: 'overrides' })
  const question = { script, interpreter, words: split.words, more: [], consent }
  const by = toAuthor(caller, request.ip)
  return { ...(await resources.scripts.describe(project, question, { caller, by })), script, interpreter }
}

async function readProject({ storage }: Resources, id: number): Promise<KnownProject> {
  const { source, code } = await storage.call('projects.get', { id })
  if (source === null) throw new Error('a project with an id has a source')
  return { id, ...source, isRead: code !== null }
}
