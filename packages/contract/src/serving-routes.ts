/** Routes of engines that are started from here, as a part of `routes.ts`. */
import { byId } from './route-params.ts'
import { serving, servingList, servingStart } from './serving.ts'

export const servingRoutes = {
  'servings.list': { summary: 'Engines that were started from here, and how they stand.', response: servingList },
  'servings.start': {
    summary: 'Start an engine for a checkpoint or a model. It is made known when it answers.',
    body: servingStart,
    response: serving,
  },
  'servings.stop': { summary: 'Stop an engine that was started from here.', params: byId, response: serving },
}
