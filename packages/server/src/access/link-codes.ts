/**
 * One-time codes to sign in with. They live in memory only: a code that was printed before a restart is void after it.
 * Kept and compared as hashes of 256 random bits, so the time of a comparison says nothing about a code.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Role } from '@pilothouse/contract'
import { hashSecret, makeSecret } from './secret.ts'

export const linkLifetimeMs = 15 * 60_000
/** Codes that may wait to be used. Beyond, the oldest is void. */
const codesMax = 64

export type LinkGrant = { memberId: number; role: Role }
type Waiting = { hash: Buffer; grant: LinkGrant; expiresAt: number }

export class LinkCodes {
  #waiting: Waiting[] = []

  /** A new code that lets its bearer in as `grant` says, once. */
  issue(grant: LinkGrant, now: number): { code: string; expiresAt: number } {
    const code = makeSecret()
    const expiresAt = now + linkLifetimeMs
    this.#waiting = this.#waiting.filter((one) => one.expiresAt > now).slice(1 - codesMax)
    this.#waiting.push({ hash: digest(code), grant, expiresAt })
    return { code, expiresAt }
  }

  /** What `code` grants, and makes it void. `expired` when its time had passed. */
  redeem(code: string, now: number): LinkGrant | 'expired' | undefined {
    const hash = digest(code)
    const found = this.#waiting.filter((one) => timingSafeEqual(one.hash, hash))[0]
    if (!found) return undefined
    this.#waiting = this.#waiting.filter((one) => one !== found)
    return found.expiresAt > now ? found.grant : 'expired'
  }
}

function digest(code: string): Buffer {
  return Buffer.from(hashSecret(code), 'hex')
}
