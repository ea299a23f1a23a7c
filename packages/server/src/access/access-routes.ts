import type { Session } from '@pilothouse/contract'
import type { FastifyRequest } from 'fastify'
import type { Caller, Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { type Credentials, toAuthor } from './access.ts'
import { clearSessionCookie, writeSessionCookie } from './session-cookie.ts'
import { formatLink } from './link-url.ts'

type AccessRoute = `access.${'sign-in' | 'sign-out' | 'session' | 'link' | 'tokens' | 'create-token' | 'revoke-token'}`

export const accessHandlers: Handlers<AccessRoute> = {
  'access.sign-in': async ({ body, resources, request, reply }) => {
    const { secret, caller } = await resources.access.signIn(body.code, request.ip)
    const secure = request.headers.origin?.startsWith('https:') ?? false
    reply.header('set-cookie', writeSessionCookie(readPort(request), secret, secure))
    return describeSession(caller, resources)
  },

  'access.sign-out': async ({ resources, request, reply }) => {
    const caller = await identifyOrNull(resources, { ...readCredentials(request), authorization: undefined })
    if (caller) await resources.access.revoke(caller.tokenId, toAuthor(caller, request.ip), 'access.sign-out')
    reply.header('set-cookie', clearSessionCookie(readPort(request)))
  },

  'access.session': async ({ resources, request }) =>
    describeSession(await resources.access.identify(readCredentials(request)), resources),

  'access.link': async ({ query, caller, resources, request }) => {
    const role = query.role ?? caller.role
    const { code, expiresAt } = resources.access.issueCode({ memberId: caller.memberId, role })
    const by = toAuthor(caller, request.ip)
    await resources.storage.call('access.record-audit', { action: 'access.link', subject: role, by })
    return { url: formatLink(`${request.protocol}://${request.host}`, code), expiresAt }
  },

  'access.tokens': ({ query, resources }) => resources.storage.call('access.list-tokens', query),

  'access.create-token': async ({ body, caller, resources, request }) =>
    resources.access.createToken({ ...body, memberId: caller.memberId, by: toAuthor(caller, request.ip) }),

  'access.revoke-token': async ({ params, caller, resources, request }) => {
    await resources.access.revoke(params.id, toAuthor(caller, request.ip), 'access.revoke-token')
  },
}

/** What `request` brings along to be known by. */
export function readCredentials(request: FastifyRequest): Credentials {
  const { authorization, cookie } = request.headers
  return { authorization, cookie, port: readPort(request), address: request.ip }
}

/** Who asks, on routes that also serve nobody. */
export async function identifyOrNull({ access }: Resources, credentials: Credentials): Promise<Caller | null> {
  if (credentials.authorization === undefined && credentials.cookie === undefined) return null
  return access.identify(credentials).catch(() => null)
}

function describeSession(caller: Caller, { config }: Resources): Session {
  return {
    member: { id: caller.memberId, name: caller.memberName },
    role: caller.role,
    permissions: [...caller.permissions],
    expiresAt: caller.expiresAt,
    version: config.version,
    health: config.health,
  }
}

function readPort(request: FastifyRequest): number {
  return request.socket.localPort ?? 0
}
