/** Routes of workers, as a part of `routes.ts`. */
import {
  workDelivery,
  workDelivered,
  giveBack,
  heartbeat,
  heartbeatAnswer,
  leaseAnswer,
  leaseAsk,
  workEngineQuery,
  workEngines,
} from './work.ts'

export const workRoutes = {
  'work.lease': { summary: 'A worker asks for requests.', body: leaseAsk, response: leaseAnswer },
  'work.deliver': { summary: 'A worker brings results.', body: workDelivery, response: workDelivered },
  'work.beat': { summary: 'A worker is alive, and keeps its leases.', body: heartbeat, response: heartbeatAnswer },
  'work.give-back': { summary: 'A worker gives leases back.', body: giveBack },
  'work.engines': {
    summary: 'Engines that answer for a model now, with their keys.',
    query: workEngineQuery,
    response: workEngines,
  },
}
