import type { Permission, Role, RouteAnswer, RouteName, RouteRequest } from '@pilothouse/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Resources } from '../resources.ts'

/** Who asks. Owner of what it makes; null only on public routes. */
export type Caller = {
  memberId: number
  memberName: string
  role: Role
  permissions: readonly Permission[]
  /** Which token or session it came with. */
  tokenId: number
  /** Set when the token is good for one job only. */
  jobUid: string | null
}

/** What a handler gets: the parsed request, who asks, and the one bag of resources. */
export type RouteContext<Name extends RouteName> = RouteRequest<Name> & {
  /** Present on every route but the public ones. */
  caller: RouteName extends Name ? Caller | null : Caller | null
  resources: Resources
  request: FastifyRequest
  reply: FastifyReply
}

export type Handler<Name extends RouteName> = (context: RouteContext<Name>) => Promise<RouteAnswer<Name> | FastifyReply>

/** Every noun's room exports some of these; together they must cover the whole table, or it does not type-check. */
export type Handlers<Name extends RouteName = RouteName> = { [Key in Name]: Handler<Key> }
