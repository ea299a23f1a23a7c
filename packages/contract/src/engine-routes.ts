/** Routes of engines, as a part of `routes.ts`. */
import { engine, engineCreate, engineList, enginePatch, modelList } from './engine.ts'
import { byId } from './route-params.ts'

export const engineRoutes = {
  'engines.list': { summary: 'All engines: models, health, what they tell of themselves.', response: engineList },
  'engines.create': {
    summary: 'Make an engine known, by the address at which it speaks OpenAI’s API. It is looked at once.',
    body: engineCreate,
    response: engine,
  },
  'engines.edit': { summary: 'Change an engine, or pause it.', params: byId, body: enginePatch, response: engine },
  'engines.delete': { summary: 'Forget an engine. It goes on running.', params: byId },
  'engines.check': { summary: 'Look at an engine now, and say how it is.', params: byId, response: engine },
  'models.list': { summary: 'The models that engines answer for now, as OpenAI lists them.', response: modelList },
}
