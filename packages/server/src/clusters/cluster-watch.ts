/**
 * Watches one cluster for all who look at it: one connection, one reading at a time, one every `pollMs` as long as somebody
 * has looked within `watchedMs`; then the connection is closed. What was read last stays.
 *
 *   resting → (somebody looks) → reading ⇄ waiting → (nobody looks any more) → resting
 *
 * A reading that fails is tried again later and later. Nobody's look makes it sooner, except one that wants to wait for it.
 */
import type { ClusterStatus, ClusterTrouble } from '@pilothouse/contract'

export const watchTimes = {
  pollMs: 30_000,
  /** Pages look every few seconds. */
  watchedMs: 75_000,
  /** Of one reading, with the connection that it may need. */
  readMsMax: 60_000,
  /** After a failure: doubled each time, up to the most; the least lies between any two tries. */
  retryFirstMs: 15_000,
  retryMaxMs: 300_000,
  retryLeastMs: 5_000,
} as const
export type WatchTimes = { [Name in keyof typeof watchTimes]: number }

/** A connection to a cluster, or none where it is this machine. */
export type Way = { close(): Promise<void> }

export type WatchParts<Facts, Here extends Way> = {
  open(signal: AbortSignal): Promise<Here>
  read(way: Here, signal: AbortSignal): Promise<Facts>
  explain(error: unknown): ClusterTrouble
  /** Whether another connection may do better at once. */
  isBroken(error: unknown): boolean
  /** Milliseconds since 1970. */
  now: () => number
  /** 0 … 1. */
  random: () => number
  times?: Partial<WatchTimes> | undefined
}

type Known = Pick<ClusterStatus, 'state' | 'readAt' | 'unknownSince' | 'trouble' | 'nextTryAt'>

export class ClusterWatch<Facts, Here extends Way> {
  readonly #parts: WatchParts<Facts, Here>
  readonly #times: WatchTimes
  readonly #closing = new AbortController()
  #way: Here | undefined
  #facts: Facts | null = null
  #readAt: number | null = null
  #unknownSince: number | null = null
  #trouble: ClusterTrouble | null = null
  #failures = 0
  #lookedAt = 0
  #triedAt = Number.NEGATIVE_INFINITY
  #nextTryAt: number | null = null
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined

  constructor(parts: WatchParts<Facts, Here>) {
    this.#parts = parts
    this.#times = { ...watchTimes, ...parts.times }
  }

  /** What is known; somebody is looking at it. Never waits. */
  look(): { known: Known; facts: Facts | null } {
    this.#lookedAt = this.#parts.now()
    if (this.#reading === undefined && this.#timer === undefined) this.#plan()
    return { known: this.#describe(), facts: this.#facts }
  }

  /** The same once the first reading is over. `fresh`: once it is no older than `pollMs`, or was tried just now. */
  async lookInto({ fresh }: { fresh: boolean }): Promise<{ known: Known; facts: Facts | null }> {
    this.look()
    const age = this.#parts.now() - (this.#readAt ?? Number.NEGATIVE_INFINITY)
    const isRested = this.#parts.now() - this.#triedAt >= this.#times.retryLeastMs
    if (fresh && (age > this.#times.pollMs || this.#trouble !== null) && isRested) void this.#readNow()
    if (fresh || this.#describe().state === 'unread') await this.#reading
    return this.look()
  }

  /** Ends the reading under way and the connection. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    await this.#reading
    await this.#leave()
  }

  #describe(): Known {
    const state = this.#trouble !== null ? 'unknown' : this.#readAt === null ? 'unread' : 'known'
    return {
      state,
      readAt: this.#readAt,
      unknownSince: this.#unknownSince,
      trouble: this.#trouble,
      nextTryAt: this.#nextTryAt,
    }
  }

  /** When to read next, for those who look; without them, rests. */
  #plan(): void {
    if (this.#closing.signal.aborted) return
    const now = this.#parts.now()
    if (now - this.#lookedAt > this.#times.watchedMs) {
      this.#nextTryAt = null
      void this.#leave()
      return
    }
    this.#nextTryAt = Math.max(now, this.#triedAt + this.#choosePause())
    if (this.#nextTryAt === now) return void this.#readNow()
    this.#timer = setTimeout(() => void this.#readNow(), this.#nextTryAt - now)
    this.#timer.unref()
  }

  #choosePause(): number {
    const { pollMs, retryFirstMs, retryMaxMs } = this.#times
    if (this.#failures === 0) return pollMs
    // So that what was down for many is not asked by all of them at once.
    const jitter = 0.75 + this.#parts.random() / 2
    return Math.min(retryMaxMs, retryFirstMs * 2 ** (this.#failures - 1)) * jitter
  }

  #readNow(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return (this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
      this.#plan()
    }))
  }

  async #read(): Promise<void> {
    this.#triedAt = this.#parts.now()
    this.#nextTryAt = null
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#times.readMsMax)])
    try {
      this.#facts = await this.#readOver(signal)
      this.#readAt = this.#parts.now()
      this.#failures = 0
      this.#trouble = null
      this.#unknownSince = null
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#failures += 1
      this.#trouble = this.#parts.explain(error)
      this.#unknownSince ??= this.#parts.now()
      await this.#leave()
    }
  }

  /** Over the kept connection; over a new one when that turns out to be broken. */
  async #readOver(signal: AbortSignal): Promise<Facts> {
    const kept = this.#way
    try {
      return await this.#parts.read((this.#way ??= await this.#parts.open(signal)), signal)
    } catch (error) {
      if (kept === undefined || signal.aborted || !this.#parts.isBroken(error)) throw error
      await this.#leave()
      return this.#parts.read((this.#way = await this.#parts.open(signal)), signal)
    }
  }

  async #leave(): Promise<void> {
    const way = this.#way
    this.#way = undefined
    await way?.close()
  }
}
