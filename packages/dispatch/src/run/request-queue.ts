/** Requests on their way to engines: read ahead a little from where they come from, and those that come back for another try. */
import type { BatchRequest } from '../request.ts'

export type Pending = {
  request: BatchRequest
  /** How often it was sent. */
  attempts: number
  /** Failures that count against it. */
  counted: number
  /** When it was sent first; null before. */
  sentMs: number | null
}

type Calls = {
  /** Something can be taken. */
  onReady: () => void
  /** Everything was read, taken and settled. */
  onEnd: () => void
  /** The source cannot be read. */
  onError: (error: unknown) => void
}

/** Requests that are read ahead; the source is not asked for more before. */
const aheadMax = 256

export class RequestQueue {
  readonly #source: AsyncIterator<BatchRequest>
  readonly #calls: Calls
  readonly #ready: Pending[] = []
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  /** Taken and not settled, those that wait for another try included. */
  #out = 0
  #isReading = false
  #hasMore = true
  #isClosed = false

  constructor(source: AsyncIterable<BatchRequest>, calls: Calls) {
    this.#source = source[Symbol.asyncIterator]()
    this.#calls = calls
  }

  /** Begins to read. */
  open(): void {
    void this.#read()
  }

  take(): Pending | undefined {
    const pending = this.#ready.shift()
    if (pending) this.#out += 1
    if (this.#ready.length < aheadMax / 2) void this.#read()
    return pending
  }

  /** It is taken again, before all others, when so much time has passed. */
  giveBack(pending: Pending, waitMs: number): void {
    const put = (): void => {
      this.#out -= 1
      this.#ready.unshift(pending)
      this.#calls.onReady()
    }
    if (this.#isClosed) return
    if (waitMs <= 0) return put()
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      put()
    }, waitMs)
    this.#timers.add(timer)
  }

  /** Nothing comes of it any more. */
  settle(): void {
    this.#out -= 1
    this.#tellEnd()
  }

  /** Gives up what waits; nothing is told any more. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#ready.length = 0
    void this.#source.return?.()
  }

  async #read(): Promise<void> {
    if (this.#isReading || !this.#hasMore || this.#isClosed) return
    this.#isReading = true
    try {
      while (this.#ready.length < aheadMax && this.#hasMore && !this.#isClosed) await this.#readOne()
    } catch (error) {
      this.#calls.onError(error)
    } finally {
      this.#isReading = false
    }
    this.#tellEnd()
  }

  async #readOne(): Promise<void> {
    const next = await this.#source.next()
    if (this.#isClosed) return
    if (next.done) this.#hasMore = false
    else this.#ready.push({ request: next.value, attempts: 0, counted: 0, sentMs: null })
    if (!next.done) this.#calls.onReady()
  }

  #tellEnd(): void {
    if (!this.#hasMore && this.#out === 0 && this.#ready.length === 0 && !this.#isClosed) this.#calls.onEnd()
  }
}
