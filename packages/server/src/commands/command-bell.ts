/** Lets jobs wait for commands in a request that is answered as soon as there is one. */
import { parseTopic } from '@pilothouse/contract'

/** Requests that wait at a time, in all and for one job. Beyond, they are answered at once, and ask again. */
const waitersMax = 5_000
const ofJobMax = 8

export class CommandBell {
  readonly #waiters = new Map<string, Set<() => void>>()
  #count = 0
  #isClosed = false

  /** Something has changed for this job: whoever waits is to look. */
  ring(uid: string): void {
    for (const wake of this.#waiters.get(uid) ?? []) wake()
  }

  /** Rings once `change` has happened. */
  async ringAfter<Result>(uid: string, change: Promise<Result>): Promise<Result> {
    const result = await change
    this.ring(uid)
    return result
  }

  /** Rings for what the storage tells. */
  note(updates: readonly { topic: string }[]): void {
    for (const { topic } of updates) {
      const parsed = parseTopic(topic)
      if (parsed?.kind === 'steering') this.ring(parsed.uid)
    }
  }

  /** Resolves when it rings for this job, after `ms`, or when `signal` is aborted. */
  wait(uid: string, ms: number, signal: AbortSignal): Promise<void> {
    const others = this.#waiters.get(uid) ?? new Set()
    const isFull = this.#count >= waitersMax || others.size >= ofJobMax
    if (ms <= 0 || isFull || this.#isClosed || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        if (others.delete(wake)) this.#count -= 1
        if (others.size === 0) this.#waiters.delete(uid)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake)
      others.add(wake)
      this.#count += 1
      this.#waiters.set(uid, others)
    })
  }

  /** Answers all that wait: the server stops. */
  close(): void {
    this.#isClosed = true
    for (const uid of this.#waiters.keys()) this.ring(uid)
  }
}
