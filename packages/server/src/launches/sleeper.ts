/** Sleeps between two rounds of work; whoever brings work ends the sleep. One sleep at a time. */
import { setTimeout as wait } from 'node:timers/promises'

export class Sleeper {
  #call = new AbortController()

  /** Ends the sleep; where nobody sleeps now, the next one ends as it begins: work that came during a round is not slept over. */
  wake(): void {
    this.#call.abort()
  }

  /** Resolves after `ms`, when it is woken, or when `signal` is aborted. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await wait(ms, undefined, { signal: AbortSignal.any([this.#call.signal, signal]) }).catch(() => undefined) // woken
    this.#call = new AbortController()
  }
}
