/**
 * Tokens that were good a moment ago, so that a request costs no storage call; only this process changes tokens. And those
 * that were not: a secret that is wrong once is wrong for ever, so a job that goes on with an old token costs nothing either.
 */
import type { FoundToken } from './access-operations.ts'

/** At the bound the token that was used longest ago is looked up again. */
const entriesMax = 10_000
/** Wrong ones that are remembered. At the bound the oldest is looked up again. */
const wrongMax = 1_000

export type WrongReason = 'unknown' | 'revoked'

export class CallerCache {
  readonly #entries = new Map<string, FoundToken>()
  readonly #wrong = new Map<string, WrongReason>()
  /** Grows with every invalidation, so that a look-up under way at that moment is not kept. */
  #generation = 0

  /** The token with this hash, looked up by `find` unless it is known. null when there is none. */
  async get(hash: string, find: () => Promise<FoundToken | null>): Promise<FoundToken | null> {
    const known = this.#entries.get(hash)
    if (known) return this.#keep(hash, known)
    const generation = this.#generation
    const found = await find()
    if (!found || found.revoked) this.#keepWrong(hash, found ? 'revoked' : 'unknown')
    else if (generation === this.#generation) this.#keep(hash, found)
    return found
  }

  /** Why the token is known to be wrong, if it is. */
  findWrong(hash: string): WrongReason | undefined {
    return this.#wrong.get(hash)
  }

  has(hash: string): boolean {
    return this.#entries.has(hash)
  }

  forget(hash: string): void {
    this.#generation += 1
    this.#entries.delete(hash)
  }

  #keepWrong(hash: string, reason: WrongReason): void {
    this.#wrong.set(hash, reason)
    dropOldest(this.#wrong, wrongMax)
  }

  /** Moves it to the end: a Map keeps the order of insertion. */
  #keep(hash: string, token: FoundToken): FoundToken {
    this.#entries.delete(hash)
    this.#entries.set(hash, token)
    dropOldest(this.#entries, entriesMax)
    return token
  }
}

function dropOldest(map: Map<string, unknown>, sizeMax: number): void {
  if (map.size <= sizeMax) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
