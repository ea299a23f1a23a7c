/** Routes of launches, as a part of `routes.ts`. */
import {
  launch,
  launchCreate,
  launched,
  launchOf,
  launchOrderOf,
  launchPlan,
  launchPlanQuery,
  targetList,
} from './launch.ts'

export const launchRoutes = {
  'targets.list': {
    summary: 'Where jobs can run: the machine of the server, hosts and clusters of `clusters.yaml`.',
    response: targetList,
  },
  'launches.plan': {
    summary: 'What a launch would run and ask for, and what keeps it from being sent. Nothing is sent.',
    body: launchPlanQuery,
    response: launchPlan,
  },
  'launches.create': {
    summary: 'Launch a job, or one for each variant. The answer comes before they are sent; each tells how far it is.',
    body: launchCreate,
    response: launched,
  },
  'jobs.create': { summary: 'The same as POST /api/launches.', body: launchCreate, response: launched },
  'launches.get': {
    summary: 'How a job was launched: its steps, its script, and how it stands there.',
    params: launchOf,
    response: launch,
  },
  'launches.order': {
    summary: 'Cancel, hold, release or requeue a launched job. It is carried out as soon as its target can be reached.',
    params: launchOrderOf,
    response: launch,
  },
  'launches.refresh': {
    summary: 'Ask the target now how the job stands.',
    params: launchOf,
    response: launch,
  },
  'launches.clean': {
    summary: 'Remove the folder of a job that is over from its target, once all that it reported has arrived.',
    params: launchOf,
    response: launch,
  },
}
