import websocket from '@fastify/websocket'
import { PilothouseError, livePath, parseOrRefuse } from '@pilothouse/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { authorise } from '../http/bind-routes.ts'
import type { Caller } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { LiveConnections } from './live-connections.ts'
import { serveEventStream } from './serve-event-stream.ts'
import { serveSocket } from './serve-socket.ts'
import { topicsMax } from './subscriptions.ts'

/** What a client of the live stream may send at once. */
const messageBytesMax = 16 * 1024

const streamQuery = z.object({
  topic: z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(z.string().max(200)).min(1).max(topicsMax),
  ),
  /** As the header `Last-Event-ID`, for clients that cannot set it. */
  after: z.string().max(100).optional(),
})

/** Lets upgrades through the hooks of `app`. Comes before all hooks that refuse: it closes the connections of those refused. */
export async function acceptUpgrades(app: FastifyInstance): Promise<void> {
  const options = { maxPayload: messageBytesMax, perMessageDeflate: false }
  await app.register(websocket, { options, preClose: (done) => done() })
}

/** Adds the live stream, in both framings, on one path. */
export function addLiveRoute(app: FastifyInstance, resources: Resources): void {
  const connections = new LiveConnections(resources.now)
  resources.access.onRevoke((tokenId) => connections.endOfToken(tokenId))
  app.addHook('preClose', async () => connections.endAll())
  app.route({
    method: 'GET',
    url: livePath,
    exposeHeadRoute: false,
    onRequest: async (request) => {
      await authorise(request, 'training:view', resources)
      if (connections.full) throw new PilothouseError('unavailable', 'Too many live streams are open.')
    },
    handler: async (request, reply) => {
      const { topic, after } = parseOrRefuse(streamQuery, request.query)
      const lastId = request.headers['last-event-id']
      const parts = { caller: readCaller(request), resources, connections, topics: [...new Set(topic)] }
      await serveEventStream(reply, { ...parts, after: typeof lastId === 'string' ? lastId : after })
      return reply
    },
    wsHandler: (socket, request) => serveSocket(socket, { caller: readCaller(request), resources, connections }),
  })
}

function readCaller({ caller }: FastifyRequest): Caller {
  if (caller) return caller
  throw new PilothouseError('internal', 'The live stream was reached without a caller.')
}
