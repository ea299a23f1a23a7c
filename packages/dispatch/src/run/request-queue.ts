/** Requests on their way to engines: read ahead a little from where they come from, and those that come back for another try. */
import type { BatchRequest } from '../request.ts'

export type Pending<R extends BatchRequest = BatchRequest> = {
  request: R
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

export class RequestQueue<R extends BatchRequest = BatchRequest> {
  readonly #source: AsyncIterator<R>
  readonly #calls: Calls
  #ready: Pending<R>[] = []
  /** Those that wait for another try. */
  readonly #timers = new Map<Pending<R>, ReturnType<typeof setTimeout>>()
  /** Signals of requests that are listened to: many requests may have the same. */
  readonly #heard = new WeakSet<AbortSignal>()
  /** Taken and not settled, those that wait for another try included. */
  #out = 0
  #isReading = false
  #hasMore = true
  #isClosed = false

  constructor(source: AsyncIterable<R>, calls: Calls) {
    this.#source = source[Symbol.asyncIterator]()
    this.#calls = calls
  }

  /** Begins to read. */
  open(): void {
    void this.#read()
  }

  take(): Pending<R> | undefined {
    const pending = this.#ready.shift()
    if (pending) this.#out += 1
    if (this.#ready.length < aheadMax / 2) void this.#read()
    return pending
  }

  /** It is taken again, before all others, when so much time has passed. */
  giveBack(pending: Pending<R>, waitMs: number): void {
    if (this.#isClosed) return
    if (isWithdrawn(pending)) return this.settle()
    if (waitMs <= 0) return this.#putBack(pending)
    this.#timers.set(
      pending,
      setTimeout(() => this.#putBack(pending), waitMs),
    )
  }

  /** Nothing comes of it any more. */
  settle(): void {
    this.#out -= 1
    this.#tellEnd()
  }

  /** Gives up what waits; nothing is told any more. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#ready = []
    void this.#source.return?.()
  }

  #putBack(pending: Pending<R>): void {
    this.#timers.delete(pending)
    this.#out -= 1
    this.#ready.unshift(pending)
    this.#calls.onReady()
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
    else this.#add(next.value)
  }

  #add(request: R): void {
    const { signal } = request
    if (signal?.aborted) return
    if (signal && !this.#heard.has(signal)) {
      this.#heard.add(signal)
      signal.addEventListener('abort', () => this.#dropWithdrawn(), { once: true })
    }
    this.#ready.push({ request, attempts: 0, counted: 0, sentMs: null })
    this.#calls.onReady()
  }

  /** What of it is under way is settled by whoever took it. */
  #dropWithdrawn(): void {
    if (this.#isClosed) return
    this.#ready = this.#ready.filter((pending) => !isWithdrawn(pending))
    for (const [pending, timer] of this.#timers) {
      if (!isWithdrawn(pending)) continue
      clearTimeout(timer)
      this.#timers.delete(pending)
      this.#out -= 1
    }
    void this.#read()
    this.#tellEnd()
  }

  #tellEnd(): void {
    if (!this.#hasMore && this.#out === 0 && this.#ready.length === 0 && !this.#isClosed) this.#calls.onEnd()
  }
}

function isWithdrawn({ request }: Pending): boolean {
  return request.signal?.aborted === true
}
