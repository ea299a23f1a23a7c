import type { LeaseAsk, WorkShard } from '@pilothouse/contract'
import { pause, waitAfter } from './pause.ts'
import type { TellTrouble } from './tell-trouble.ts'
import type { WorkSource } from './work-source.ts'

/** Where a control room says at once that there is nothing, it is not asked again at once. */
const emptyMs = 1_000

/** Asks for leases: never in a hurry, and again where the control room does not answer. */
export class LeaseAsker {
  readonly #given: { source: WorkSource; tell: TellTrouble; now: () => number; random: () => number }
  #failures = 0

  constructor(given: { source: WorkSource; tell: TellTrouble; now: () => number; random: () => number }) {
    this.#given = given
  }

  /** null: there is nothing, or it could not be asked, or the signal is aborted; some time has passed then. Does not throw. */
  async ask(ask: LeaseAsk, signal: AbortSignal): Promise<WorkShard | null> {
    const { source, tell, now, random } = this.#given
    const sinceMs = now()
    try {
      const { shard } = await source.lease(ask, signal)
      this.#failures = 0
      if (shard && shard.requests.length > 0) return shard
      await pause(Math.max(0, emptyMs - (now() - sinceMs)), signal)
    } catch (error) {
      if (signal.aborted) return null
      tell('lease', error)
      this.#failures += 1
      await pause(waitAfter(this.#failures, random()), signal)
    }
    return null
  }
}
