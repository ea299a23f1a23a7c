/** Routes of projects, as a part of `routes.ts`. */
import { project, projectCreate, projectList, projectQuery } from './project.ts'
import { byId } from './route-params.ts'
import { hydraConfig, hydraQuery, scriptChoices, scriptDescribe, scriptDescription } from './script-config.ts'

export const projectRoutes = {
  'projects.list': {
    summary: 'Projects with code and names that only jobs know, the one with the newest job first.',
    query: projectQuery,
    response: projectList,
  },
  'projects.create': {
    summary: 'Add a folder of the server, or a git repository, which is then fetched in the background.',
    body: projectCreate,
    response: project,
  },
  'projects.get': { summary: 'One project with code, with the files that differ.', params: byId, response: project },
  'projects.delete': {
    summary: 'Forget a project and what was fetched of it. Its jobs stay, and so does its folder.',
    params: byId,
  },
  'projects.sync': {
    summary: 'Read its folder, or fetch its repository, now. The answer comes before that has ended.',
    params: byId,
    response: project,
  },
  'scripts.list': {
    summary: 'Scripts of a project and interpreters for them, read without running anything.',
    params: byId,
    response: scriptChoices,
  },
  'scripts.hydra': {
    summary: 'The configuration that Hydra composes for a script of the project: groups, fields, YAML.',
    params: byId,
    query: hydraQuery,
    response: hydraConfig,
  },
  'scripts.describe': {
    summary:
      'Run the beginning of a script, up to where it reads its arguments: which it takes, and what is wrong with these.',
    params: byId,
    body: scriptDescribe,
    response: scriptDescription,
  },
}
