/** All open streams: their heartbeat, and their end when a token is revoked, expires, or the server stops. */
import type { Caller } from '../http/route.ts'

export const heartbeatMs = 15_000
/** Streams at once. Beyond, a new one is refused with 503. */
const connectionsMax = 512

export type LiveEnd = 'revoked' | 'expired' | 'stopping'

export type LiveConnection = {
  caller: Caller
  /** Proves to the other side that the stream is alive. */
  beat(): void
  end(why: LiveEnd): void
}

export class LiveConnections {
  readonly #open = new Set<LiveConnection>()
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  get full(): boolean {
    return this.#open.size >= connectionsMax
  }

  /** Returns its undo. */
  add(connection: LiveConnection): () => void {
    this.#open.add(connection)
    this.#timer ??= setInterval(() => this.beat(), heartbeatMs).unref()
    return () => {
      this.#open.delete(connection)
      if (this.#open.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  /** One heartbeat for all; those whose token has expired end. */
  beat(): void {
    const now = this.#now()
    for (const connection of this.#open) {
      const { expiresAt } = connection.caller
      if (expiresAt !== null && expiresAt <= now) connection.end('expired')
      else connection.beat()
    }
  }

  endOfToken(tokenId: number): void {
    for (const connection of this.#open) if (connection.caller.tokenId === tokenId) connection.end('revoked')
  }

  endAll(): void {
    for (const connection of this.#open) connection.end('stopping')
  }
}
