import type { Permission, Role, RouteAnswer, RouteName, RouteRequest, paths, routes } from '@pilothouse/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Resources } from '../resources.ts'

/** Who asks. Owner of what it makes. */
export type Caller = {
  memberId: number
  memberName: string
  role: Role
  permissions: readonly Permission[]
  /** Which token or session it came with. */
  tokenId: number
  /** Set when the token is good for one job only. */
  jobUid: string | null
  /** ms since 1970; null for a token without an end. */
  expiresAt: number | null
}

/** Routes whose body reaches the handler as it came, a `Buffer`: reports are decoded in the storage thread. */
export const rawBodyRoutes = [
  'telemetry.report',
  'telemetry.report-many',
  'copies.send-part',
] as const satisfies readonly RouteName[]
type RawBodyRoute = (typeof rawBodyRoutes)[number]

type PublicRoute = {
  [Name in RouteName]: (typeof paths)[Name]['permission'] extends 'public' ? Name : never
}[RouteName]

type FormRoute = {
  [Name in RouteName]: (typeof routes)[Name] extends { form: unknown } ? Name : never
}[RouteName]

/** What a handler gets: the parsed request, who asks, and the one bag of resources. */
export type RouteContext<Name extends RouteName> = Omit<RouteRequest<Name>, 'body'> & {
  /** Absent where a form came instead. */
  body: Name extends RawBodyRoute ? Buffer : RouteRequest<Name>['body'] | (Name extends FormRoute ? undefined : never)
  /** Absent on public routes only; those that care ask `resources.access` themselves. */
  caller: Name extends PublicRoute ? null : Caller
  resources: Resources
  request: FastifyRequest
  reply: FastifyReply
}

/** Answers with the object to send, nothing (204), or the reply once it has taken that over itself. */
export type Handler<Name extends RouteName> = (context: RouteContext<Name>) => Promise<RouteAnswer<Name> | FastifyReply>

/** Every noun's room exports some of these; together they must cover the whole table, or it does not type-check. */
export type Handlers<Name extends RouteName = RouteName> = { [Key in Name]: Handler<Key> }
