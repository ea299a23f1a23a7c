/** Asks one provider for its machines, never more often than it wants to be asked, and for what it has billed from time to time. */
import type { InstanceFacts } from '@pilothouse/contract'
import { type Charge, type Provider, ProviderError } from '@pilothouse/fleet'
import { type BackOff, isDue, noBackOff, planNext, planRetry } from '../back-off.ts'
import { limitTime } from '../limit-time.ts'
import type { TroubleKind } from '../top-state.ts'
import type { TopTimers } from '../top-timers.ts'

export type PollOptions = {
  timers: TopTimers
  provider: Provider
  intervalMs: number
  onMachines: (machines: readonly InstanceFacts[]) => void
  onCharges: (charges: readonly Charge[]) => void
  /** Its trouble is over: null. */
  onTrouble: (trouble: string | null, kind?: TroubleKind) => void
}

const pollMsMax = 30_000
const chargesEveryMs = 10 * 60_000
/** Charges are asked for from so long ago on. */
const chargesBackMs = 90 * 24 * 3_600_000
/** A key that is refused will be refused again. */
const deniedMs = 5 * 60_000

export class ProviderPoll {
  readonly #options: PollOptions
  readonly #end = new AbortController()
  #plan: BackOff = noBackOff
  #charges: BackOff = noBackOff
  #askedAt = Number.NEGATIVE_INFINITY
  #isBusy = false

  constructor(options: PollOptions) {
    this.#options = options
  }

  /** Asks if its time has come. Nothing is thrown. */
  visit(): void {
    if (this.#isBusy || !isDue(this.#plan, this.#options.timers.now())) return
    this.#isBusy = true
    void this.#ask().finally(() => {
      this.#isBusy = false
    })
  }

  /** Asks as soon as it may be asked. */
  hurry(): void {
    this.#plan = { ...this.#plan, nextAt: this.#askedAt + this.#options.provider.pollMsMin }
    this.visit()
  }

  close(): void {
    this.#end.abort()
  }

  async #ask(): Promise<void> {
    const { timers, provider, intervalMs, onMachines, onTrouble } = this.#options
    this.#askedAt = timers.now()
    try {
      const machines = await limitTime((signal) => provider.list({ signal }), this.#limit())
      this.#plan = planNext(this.#askedAt, intervalMs)
      onMachines(machines)
      onTrouble(null)
      await this.#askCharges()
    } catch (error) {
      this.#plan = planRetry(this.#plan, timers.now(), { intervalMs, atLeastMs: restOf(error) })
      if (!this.#end.signal.aborted) onTrouble(describe(error), isDenied(error) ? 'refused' : 'away')
    }
  }

  async #askCharges(): Promise<void> {
    const { timers, provider, onCharges } = this.#options
    const now = timers.now()
    if (!provider.can.has('charges') || !isDue(this.#charges, now)) return
    const span = { from: now - chargesBackMs, until: now }
    try {
      onCharges(await limitTime((signal) => provider.charges(span, { signal }), this.#limit()))
      this.#charges = planNext(now, chargesEveryMs)
    } catch {
      // What things cost is then an estimate, and says so: no trouble worth telling.
      this.#charges = planRetry(this.#charges, now, { intervalMs: chargesEveryMs })
    }
  }

  #limit(): { ms: number; timers: TopTimers; signal: AbortSignal } {
    return { ms: pollMsMax, timers: this.#options.timers, signal: this.#end.signal }
  }
}

function restOf(error: unknown): number {
  if (!(error instanceof ProviderError)) return 0
  return isDenied(error) ? deniedMs : (error.retryAfterMs ?? 0)
}

function isDenied(error: unknown): boolean {
  return error instanceof ProviderError && error.kind === 'denied'
}

function describe(error: unknown): string {
  if (error instanceof ProviderError) {
    const message = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`
    return error.hint === '' ? message : `${message} ${error.hint}`
  }
  return error instanceof Error ? error.message : String(error)
}
