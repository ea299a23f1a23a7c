/** The HTTP side as a whole: guards first, then routes, the live stream, the page. */
import { randomBytes } from 'node:crypto'
import { PilothouseError, limits } from '@pilothouse/contract'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import { sessionCookieName } from '../access/session-cookie.ts'
import { acceptUpgrades, addLiveRoute } from '../live/live-route.ts'
import type { Resources } from '../resources.ts'
import { addDocs } from './add-docs.ts'
import { answerError } from './answer-error.ts'
import { bindRoutes } from './bind-routes.ts'
import { findForeignSource, type HostRules, isHostAllowed, makeHostRules } from './host-rules.ts'
import { limitArrival } from './limit-arrival.ts'
import { securityHeaders, writeContentPolicy } from './security-headers.ts'
import { servePage } from './serve-page.ts'

/** A request, its body included, must have arrived after so long, unless its handler gives it more time; any after the second. */
const requestMsMax = 120_000
const longRequestMsMax = 3_600_000

/** The application, ready to listen. */
export async function createApp(resources: Resources): Promise<FastifyInstance> {
  const { config } = resources
  const logger: FastifyBaseLogger = resources.logger
  const requestIds = countRequests()
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: config.logLevel !== 'debug' }),
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: longRequestMsMax,
    genReqId: () => requestIds(),
    // A logger for each request costs a tenth of the intake's throughput; an error that is logged names its request.
    ...(config.logLevel === 'debug' ? {} : { childLoggerFactory: () => logger }),
    requestIdHeader: false,
    return503OnClosing: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  })
  app.setErrorHandler(answerError)
  await acceptUpgrades(app)
  guard(app, makeHostRules(config))
  await bindRoutes(app, resources)
  addLiveRoute(app, resources)
  addDocs(app, config.version)
  await servePage(app, config.webFolder)
  return app
}

/** Headers for everybody, and nobody in by a foreign name or from a foreign page. */
function guard(app: FastifyInstance, rules: HostRules): void {
  const policy = writeContentPolicy()
  app.addHook('onRequest', async (request, reply) => {
    limitArrival(request.raw, requestMsMax)
    reply.headers(securityHeaders).header('content-security-policy', policy).header('cache-control', 'no-store')
    const { host, origin } = request.headers
    if (!isHostAllowed(rules, host))
      throw new PilothouseError('wrongHost', `This server is not called «${(host ?? '').slice(0, 256)}».`)
    if (!isWrite(request)) return
    const reason = findForeignSource(rules, {
      host,
      origin,
      fetchSite: readFetchSite(request),
      byCookie: isByCookie(request),
    })
    if (reason) throw new PilothouseError('wrongOrigin', reason)
  })
}

function isWrite({ method, headers }: FastifyRequest): boolean {
  return (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') || headers.upgrade !== undefined
}

function readFetchSite({ headers }: FastifyRequest): string | undefined {
  const value = headers['sec-fetch-site']
  return typeof value === 'string' ? value : undefined
}

function isByCookie({ headers, socket }: FastifyRequest): boolean {
  const name = sessionCookieName(socket.localPort ?? 0)
  return headers.authorization === undefined && (headers.cookie?.includes(`${name}=`) ?? false)
}

/** Ids that are unlike from start to start, so that a line of the log is found by one. */
function countRequests(): () => string {
  const start = randomBytes(4).toString('hex')
  let count = 0
  return () => {
    count += 1
    return `${start}-${count}`
  }
}
