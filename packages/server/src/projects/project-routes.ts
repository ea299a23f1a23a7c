import type { Project } from '@pilothouse/contract'
import type { Handlers, RouteContext } from '../http/route.ts'
import type { Resources } from '../resources.ts'

type ProjectRoute = 'projects.list' | 'projects.create' | 'projects.get' | 'projects.delete' | 'projects.sync'

export const projectHandlers: Handlers<ProjectRoute> = {
  'projects.list': async ({ query, caller, resources }) => {
    const { projects: keeper, storage } = resources
    const list = await storage.call('projects.list', query)
    keeper.refresh(list.projects)
    const mayAdd = caller.permissions.includes('projects:manage')
    const projects = list.projects.map((one) => withSync(one, resources))
    return { ...list, projects, ...(mayAdd ? { roots: [...keeper.roots] } : {}) }
  },
  'projects.create': createProject,
  'projects.get': async ({ params, resources }) => {
    const project = await resources.storage.call('projects.get', params)
    resources.projects.refresh([project])
    return withSync(project, resources)
  },
  'projects.delete': async ({ params, resources }) => {
    await resources.storage.call('projects.delete', params)
    await resources.projects.remove(params.id)
  },
  'projects.sync': async ({ params, resources }) => {
    const project = await resources.storage.call('projects.get', params)
    startSync(project, resources)
    return withSync(project, resources)
  },
}

/** A folder has been read when this answers; a repository is then fetched in the background. */
async function createProject({ body, caller, resources }: RouteContext<'projects.create'>): Promise<Project> {
  const { place: found, code } = await resources.projects.look(body.place)
  const { kind, place } = found
  const values = { memberId: caller.memberId, name: body.name ?? found.name, kind, place, code }
  const project = await resources.storage.call('projects.create', values)
  if (kind === 'git') startSync(project, resources)
  return withSync(project, resources)
}

function startSync({ id, source, code }: Project, { projects }: Resources): void {
  if (id !== null && source) void projects.sync({ id, ...source, isRead: code !== null })
}

function withSync(project: Project, { projects }: Resources): Project {
  return project.id === null ? project : { ...project, sync: projects.progress(project.id) }
}
