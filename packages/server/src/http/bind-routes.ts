/** Binds the route table of the contract to Fastify: permission, schemas, one call of the handler, audit. */
import {
  PilothouseError,
  type RouteName,
  type RouteSchemas,
  frameContentType,
  framesContentType,
  limits,
  parseOrRefuse,
  paths,
  roleAllows,
  routes,
} from '@pilothouse/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { toAuthor } from '../access/access.ts'
import { readCredentials } from '../access/access-routes.ts'
import type { Resources } from '../resources.ts'
import { handlers } from './handlers.ts'
import { type Caller, type Handler, rawBodyRoutes } from './route.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the handler of every route that is not public. */
    caller: Caller | null
  }
}

const routeNames = Object.keys(paths) as RouteName[] // keys of a literal object

/** Adds every route of the contract to `app`. */
export async function bindRoutes(app: FastifyInstance, resources: Resources): Promise<void> {
  app.decorateRequest('caller', null)
  parseJsonOf(app)
  for (const name of routeNames) if (!isRawBody(name) && !isForm(name)) bindRoute(app, name, resources)
  await app.register(async (scope) => {
    keepBodiesOf(scope)
    for (const name of rawBodyRoutes) bindRoute(scope, name, resources)
  })
  await app.register(async (scope) => {
    refuseAllOf(scope)
    leaveFormsOf(scope)
    for (const name of routeNames.filter((one) => isForm(one) && !isBody(one))) bindRoute(scope, name, resources)
  })
  await app.register(async (scope) => {
    parseJsonOf(scope)
    leaveFormsOf(scope)
    for (const name of routeNames.filter((one) => isForm(one) && isBody(one))) bindRoute(scope, name, resources)
  })
}

/** Refuses whoever may not use a route with `permission`, before the body is read. */
export async function authorise(
  request: FastifyRequest,
  permission: (typeof paths)[RouteName]['permission'],
  resources: Resources,
): Promise<void> {
  if (permission === 'public') return
  const caller = await resources.access.identify(readCredentials(request))
  if (!roleAllows(caller.role, permission)) {
    throw new PilothouseError(
      'forbidden',
      `This needs the permission ${permission}, which the role ${caller.role} does not carry.`,
      { expected: permission },
    )
  }
  checkJob(request, caller)
  request.caller = caller
}

function bindRoute(app: FastifyInstance, name: RouteName, resources: Resources): void {
  const { method, path, permission } = paths[name]
  app.route({
    method,
    url: path,
    bodyLimit: chooseBodyLimit(name),
    onRequest: (request) => authorise(request, permission, resources),
    handler: makeHandler(name, resources),
  })
}

function chooseBodyLimit(name: RouteName): number {
  if (name === 'telemetry.report-many') return limits.reportRowBytesMax
  if (name === 'copies.send-part') return limits.copyPartBytesMax
  if (name === 'jobs.import') return limits.importBytesMax
  if (name === 'work.deliver') return limits.deliveryBytesMax
  return isRawBody(name) ? limits.reportBytesMax : limits.bodyBytesMax
}

function makeHandler(name: RouteName, resources: Resources): RouteHandlerMethod {
  const schemas: RouteSchemas = routes[name]
  const handler = handlers[name] as Handler<never> as Handler<RouteName> // the schemas of the same name parse what it is given
  const audited = isAudited(name)
  const raw = isRawBody(name)
  return async (request, reply): Promise<unknown> => {
    const context = { ...parseRequest(schemas, request, raw), caller: request.caller, resources, request, reply }
    const answer = await handler(context as Parameters<typeof handler>[0]) // as above
    if (audited) await recordChange(name, request, { resources, isProposed: reply.statusCode === 202 })
    return answer === undefined ? sendNothing(reply) : answer
  }
}

function parseRequest(schemas: RouteSchemas, request: FastifyRequest, raw: boolean) {
  return {
    params: schemas.params && parseOrRefuse(schemas.params, request.params),
    query: schemas.query && parseOrRefuse(schemas.query, request.query),
    body: raw ? readRawBody(request) : readBody(schemas, request),
  }
}

/** Absent where a form comes instead. */
function readBody({ body, form }: RouteSchemas, request: FastifyRequest): unknown {
  const isLeft = form !== undefined && isFormType(request.headers['content-type'])
  return body && !isLeft ? parseOrRefuse(body, request.body) : undefined
}

function isFormType(type = ''): boolean {
  return /^multipart\/form-data\b/i.test(type.trim())
}

function readRawBody({ body }: FastifyRequest): Buffer {
  if (Buffer.isBuffer(body)) return body
  throw new PilothouseError('malformed', 'The request has no body.')
}

/** An answer that the client broke off has its head, and no end. */
function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.sent || reply.raw.headersSent ? reply : reply.code(204).send()
}

/** A token that is good for one job gets nowhere else. */
function checkJob(request: FastifyRequest, { jobUid }: Caller): void {
  if (jobUid === null) return
  const { uid } = request.params as { uid?: string } // path parameters are text
  if (uid === undefined)
    throw new PilothouseError('forbidden', `This token is good for the job ${jobUid} only.`, {
      expected: `a path below /api/jobs/${jobUid}`,
    })
  if (uid !== jobUid) throw new PilothouseError('notFound', `There is no job ${uid}.`)
}

/** Telemetry, and what is asked before something is done. */
const unaudited: readonly RouteName[] = ['copies.send', 'clusters.check-text', 'launches.plan', 'batches.check']

/** Changes of what people made; access writes its own rows, telemetry is its own record, and work that of its batches. */
function isAudited(name: RouteName): boolean {
  if (name.startsWith('access.') || name.startsWith('work.')) return false
  return paths[name].method !== 'GET' && !unaudited.includes(name) && !isRawBody(name)
}

type Change = { resources: Resources; isProposed: boolean }

async function recordChange(action: RouteName, request: FastifyRequest, change: Change): Promise<void> {
  const { uid, ...others } = request.params as Record<string, string> // path parameters are text
  const by = request.caller && toAuthor(request.caller, request.ip)
  const told = { ...others, ...(change.isProposed ? { isProposed: true } : {}) }
  const detail = Object.keys(told).length > 0 ? told : undefined
  await change.resources.storage.call('access.record-audit', { action, subject: uid ?? null, detail, by })
}

function isRawBody(name: RouteName): boolean {
  const names: readonly RouteName[] = rawBodyRoutes
  return names.includes(name)
}

/** Its handler reads the body (http/receive-form.ts). */
function isForm(name: RouteName): boolean {
  const { form }: RouteSchemas = routes[name]
  return form !== undefined
}

function isBody(name: RouteName): boolean {
  const { body }: RouteSchemas = routes[name]
  return body !== undefined
}

/** JSON with a clear error, and nothing at all where nothing is needed. */
function parseJsonOf(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    if (text === '') return done(null, undefined)
    return parse(request, text, (error, value) => {
      done(error ? new PilothouseError('malformed', 'The body is not valid JSON.', { cause: error }) : null, value)
    })
  })
}

/** Forms stay unread. */
function leaveFormsOf(scope: FastifyInstance): void {
  scope.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null))
}

function refuseAllOf(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request, _body, done) => {
    const type = (request.headers['content-type'] ?? 'none').slice(0, 128)
    const hint = 'Use multipart/form-data.'
    done(new PilothouseError('unsupportedMediaType', `A body of type «${type}» is not understood here.`, { hint }))
  })
}

/** Reports, in both forms, and parts of files arrive as the bytes that they are. */
function keepBodiesOf(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  const types = ['application/json', 'application/octet-stream', frameContentType, framesContentType]
  scope.addContentTypeParser(types, { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))
}
