import type { Handlers } from '../http/route.ts'
import { sendJson, sendMetrics, wantedFormat } from './metric-routes.ts'

export const trainingHandlers: Handlers<
  'training.losses' | 'training.resources' | 'training.status' | 'training.summary'
> = {
  'training.losses': async ({ query, request, reply, resources }) =>
    sendMetrics(
      reply,
      request,
      await resources.storage.call('training.losses', { ...query, format: wantedFormat(request) }),
    ),
  'training.resources': async ({ query, request, reply, resources }) =>
    sendMetrics(
      reply,
      request,
      await resources.storage.call('training.resources', { ...query, format: wantedFormat(request) }),
    ),
  'training.status': async ({ params, reply, resources }) =>
    sendJson(reply, await resources.storage.call('training.status', params)),
  'training.summary': ({ resources }) => resources.storage.call('training.summary', null),
}
