/** Tokens that were good a moment ago, so that a request costs no storage call. Only this process changes tokens. */
import type { FoundToken } from './access-operations.ts'

/** At the bound the token that was used longest ago is looked up again. */
const entriesMax = 10_000

export class CallerCache {
  readonly #entries = new Map<string, FoundToken>()
  /** Grows with every invalidation, so that a look-up under way at that moment is not kept. */
  #generation = 0

  /** The token with this hash, looked up by `find` unless it is known. null when there is none. */
  async get(hash: string, find: () => Promise<FoundToken | null>): Promise<FoundToken | null> {
    const known = this.#entries.get(hash)
    if (known) return this.#keep(hash, known)
    const generation = this.#generation
    const found = await find()
    if (found && !found.revoked && generation === this.#generation) this.#keep(hash, found)
    return found
  }

  has(hash: string): boolean {
    return this.#entries.has(hash)
  }

  forget(hash: string): void {
    this.#generation += 1
    this.#entries.delete(hash)
  }

  /** Moves it to the end: a Map keeps the order of insertion. */
  #keep(hash: string, token: FoundToken): FoundToken {
    this.#entries.delete(hash)
    this.#entries.set(hash, token)
    if (this.#entries.size > entriesMax) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    return token
  }
}
