/** Who may in: callers from tokens and session cookies, one-time links, sessions, revocation. */
import { PilothouseError, type Role, type TokenInfo, rolePermissions } from '@pilothouse/contract'
import type { Caller } from '../http/route.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { Author, FoundToken } from './access-operations.ts'
import { AttemptLimiter } from './attempt-limiter.ts'
import { CallerCache, type WrongReason } from './caller-cache.ts'
import { LinkCodes, type LinkGrant } from './link-codes.ts'
import { hashSecret, makeSecret } from './secret.ts'
import { readSessionCookie, sessionLifetimeMs } from './session-cookie.ts'

export type AccessOptions = {
  storage: StorageClient
  now: () => number
}

/** What a request brings along to be known by. */
export type Credentials = {
  authorization: string | undefined
  cookie: string | undefined
  /** The server's own, which stands in the name of the cookie. */
  port: number
  /** Where it came from. */
  address: string
}

export type TokenRequest = {
  name: string
  memberId: number
  role: Role
  lifetimeMs?: number | undefined
  /** The one job it is good for, and the one attempt of it. */
  job?: string | undefined
  attempt?: number | undefined
  by: Author
}

type Presented = { secret: string; kind: FoundToken['kind'] }

export class Access {
  readonly #options: AccessOptions
  readonly #cache = new CallerCache()
  readonly #codes = new LinkCodes()
  readonly #badTokens = new AttemptLimiter({ burst: 30, refillMs: 2_000 })
  readonly #badCodes = new AttemptLimiter({ burst: 10, refillMs: 6_000 })
  readonly #revokeListeners = new Set<(tokenId: number) => void>()

  constructor(options: AccessOptions) {
    this.#options = options
  }

  /**
   * Who asks.
   * @throws PilothouseError `unauthenticated`, `expired`, or `rateLimited` after too many unknown tokens.
   */
  async identify(credentials: Credentials): Promise<Caller> {
    const presented = readPresented(credentials)
    if (!presented)
      throw new PilothouseError('unauthenticated', 'This needs a token or a session, and the request has neither.')
    const { now } = this.#options
    const hash = hashSecret(presented.secret)
    const found = await this.#findToken(hash, credentials.address)
    if (typeof found === 'string' || found.kind !== presented.kind) {
      const why = found === 'revoked' ? 'has been revoked' : 'is not known here'
      throw new PilothouseError('unauthenticated', `The ${presented.kind} ${why}.`)
    }
    if (found.expiresAt !== null && found.expiresAt <= now()) {
      throw new PilothouseError(
        'expired',
        `The ${presented.kind} expired at ${new Date(found.expiresAt).toISOString()}.`,
      )
    }
    return toCaller(found)
  }

  /** A one-time code that lets its bearer in as `grant` says. */
  issueCode(grant: LinkGrant): { code: string; expiresAt: number } {
    return this.#codes.issue(grant, this.#options.now())
  }

  /**
   * Exchanges a one-time code for a session.
   * @throws PilothouseError `unauthenticated`, `expired`, or `rateLimited` after too many wrong codes.
   */
  async signIn(code: string, address: string): Promise<{ secret: string; caller: Caller }> {
    const now = this.#options.now()
    refuseIfLimited(this.#badCodes, address, now)
    const grant = this.#codes.redeem(code, now)
    if (!grant || grant === 'expired') {
      this.#badCodes.noteFailure(address, now)
      if (grant) throw new PilothouseError('expired', 'The link is older than 15 minutes.')
      throw new PilothouseError('unauthenticated', 'The link is not known here, or was used before.', {
        hint: 'Ask for a new one: `pilothouse link`.',
      })
    }
    const secret = makeSecret()
    const hash = hashSecret(secret)
    const { memberId, role } = grant
    const by = { memberId, tokenId: 0, address }
    const expiresAt = now + sessionLifetimeMs
    await this.#options.storage.call('access.create-token', {
      kind: 'session',
      hash,
      name: 'session',
      memberId,
      role,
      expiresAt,
      by,
    })
    return { secret, caller: await this.#findNew(hash) }
  }

  /** A new token; its secret is not kept. */
  async createToken({ lifetimeMs, job, attempt, ...rest }: TokenRequest): Promise<TokenInfo & { secret: string }> {
    const secret = makeSecret()
    const expiresAt = lifetimeMs === undefined ? null : this.#options.now() + lifetimeMs
    const token = {
      kind: 'token' as const,
      hash: hashSecret(secret),
      expiresAt,
      job: job ?? null,
      attempt: attempt ?? null,
      ...rest,
    }
    return { ...(await this.#options.storage.call('access.create-token', token)), secret }
  }

  /**
   * Ends a token or session everywhere, open streams included.
   * @throws PilothouseError `notFound`.
   */
  async revoke(id: number, by: Author, action: 'access.revoke-token' | 'access.sign-out'): Promise<void> {
    const { hash } = await this.#options.storage.call('access.revoke-token', { id, by, action })
    this.#cache.forget(hash)
    for (const listener of this.#revokeListeners) listener(id)
  }

  /** Told the id of every token that is revoked. Returns its undo. */
  onRevoke(listener: (tokenId: number) => void): () => void {
    this.#revokeListeners.add(listener)
    return () => this.#revokeListeners.delete(listener)
  }

  /** The token with this hash, or why there is none. Only secrets that were never seen before count as guesses. */
  async #findToken(hash: string, address: string): Promise<FoundToken | WrongReason> {
    const wrong = this.#cache.findWrong(hash)
    if (wrong) return wrong
    const { storage, now } = this.#options
    if (!this.#cache.has(hash)) refuseIfLimited(this.#badTokens, address, now())
    const found = await this.#cache.get(hash, () => storage.call('access.find-token', { hash }))
    if (found && !found.revoked) return found
    this.#badTokens.noteFailure(address, now())
    return found ? 'revoked' : 'unknown'
  }

  async #findNew(hash: string): Promise<Caller> {
    const found = await this.#options.storage.call('access.find-token', { hash })
    if (!found) throw new PilothouseError('internal', 'The session that was just made is gone.')
    return toCaller(found)
  }
}

/** A caller as the author of a change. */
export function toAuthor(caller: Caller, address: string): Author {
  return { memberId: caller.memberId, tokenId: caller.tokenId, address }
}

function readPresented({ authorization, cookie, port }: Credentials): Presented | undefined {
  if (authorization !== undefined) {
    const secret = /^Bearer +([\x21-\x7e]{1,256}) *$/i.exec(authorization)?.[1]
    if (secret) return { secret, kind: 'token' }
    throw new PilothouseError('unauthenticated', 'The header Authorization is not of the form «Bearer TOKEN».')
  }
  const secret = readSessionCookie(cookie, port)
  return secret ? { secret, kind: 'session' } : undefined
}

function toCaller({ id, memberId, memberName, role, jobUid, expiresAt }: FoundToken): Caller {
  return { memberId, memberName, role, permissions: rolePermissions[role], tokenId: id, jobUid, expiresAt }
}

function refuseIfLimited(limiter: AttemptLimiter, address: string, now: number): void {
  const waitMs = limiter.waitMs(address, now)
  if (waitMs === 0) return
  const seconds = Math.ceil(waitMs / 1000)
  throw new PilothouseError(
    'rateLimited',
    `Too many failed attempts from ${address}; the next one may be made in ${seconds} s.`,
    {
      expected: `${seconds} s of patience`,
    },
  )
}
