/** Looks at the machines of one account, again and again. What fails here is told of this account and touches no other. */
import type { ProviderTrouble } from '@pilothouse/contract'
import { type Provider, ProviderError } from '@pilothouse/fleet'
import { limits } from '@pilothouse/contract'
import type { StorageClient } from '../storage/storage-client.ts'
import type { KeptAccount } from './account-operations.ts'

export type InstanceTimes = {
  /** Between two looks at least; a provider may want more. */
  lookMs: number
  /** Between two looks at an account that fails, at most. */
  failedMaxMs: number
  /** Between two questions for what was billed. */
  chargesMs: number
}
export const calmInstanceTimes: InstanceTimes = { lookMs: 15_000, failedMaxMs: 600_000, chargesMs: 3_600_000 }

/** Bills that come late are still taken. */
const billedBackMs = 14 * 24 * 3_600_000
const lookTimeoutMs = 60_000

type Parts = {
  account: KeptAccount
  /** null: its key cannot be opened. */
  provider: Provider | null
  storage: Pick<StorageClient, 'call'>
  now: () => number
  times: InstanceTimes
  /** After each look that went well. */
  onSeen: () => Promise<void>
  note: (error: unknown) => void
}

export class AccountWatch {
  readonly #parts: Parts
  readonly #stop = new AbortController()
  #looking: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #chargesAt: number | null = null
  #readAt: number | null = null
  #trouble: ProviderTrouble | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get account(): KeptAccount {
    return this.#parts.account
  }
  get provider(): Provider | null {
    return this.#parts.provider
  }
  get readAt(): number | null {
    return this.#readAt
  }
  get trouble(): ProviderTrouble | null {
    return this.#trouble
  }

  /** One look at a time; who asks during one waits for it. */
  async look(): Promise<void> {
    clearTimeout(this.#timer)
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null
      if (this.#stop.signal.aborted) return
      this.#timer = setTimeout(() => void this.look(), this.#waitMs())
      this.#timer.unref()
    })
    await this.#looking
  }

  async close(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#looking
  }

  async #lookOnce(): Promise<void> {
    const { account, provider, storage, now, onSeen } = this.#parts
    try {
      if (provider === null) throw sealedElsewhere()
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(lookTimeoutMs)])
      const facts = (await provider.list({ signal })).slice(0, limits.accountInstancesMax)
      if (this.#stop.signal.aborted) return
      await storage.call('instances.note-look', { accountId: account.id, at: now(), facts })
      this.#readAt = now()
      this.#failures = 0
      this.#trouble = null
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error)
      return
    }
    await this.#readCharges(provider)
    await onSeen().catch((error: unknown) => this.#parts.note(error))
  }

  #fail(error: unknown): void {
    this.#failures += 1
    const since = this.#trouble?.since ?? this.#parts.now()
    if (error instanceof ProviderError) {
      this.#retryAfterMs = error.retryAfterMs ?? 0
      this.#trouble = { kind: error.kind, message: error.message, hint: error.hint, since }
      return
    }
    this.#parts.note(error)
    const message = 'What its provider answered could not be taken.'
    this.#trouble = { kind: 'internal', message, hint: 'The log of the server says more. It is tried again.', since }
  }

  #retryAfterMs = 0

  #waitMs(): number {
    const { provider, times } = this.#parts
    const floor = Math.max(times.lookMs, provider?.pollMsMin ?? 0)
    if (this.#failures === 0) return floor
    const backOff = Math.min(floor * 2 ** Math.min(this.#failures, 16), Math.max(floor, times.failedMaxMs))
    return Math.max(backOff, this.#retryAfterMs)
  }

  /** What was billed is a gift: without it the estimate stands. */
  async #readCharges(provider: Provider): Promise<void> {
    const { account, storage, now, times, note } = this.#parts
    const at = now()
    if (!provider.can.has('charges') || (this.#chargesAt !== null && at - this.#chargesAt < times.chargesMs)) return
    this.#chargesAt = at
    try {
      const charges = await provider.charges({ from: at - billedBackMs, until: at }, { signal: this.#stop.signal })
      await storage.call('instances.note-charges', { accountId: account.id, at, charges })
    } catch (error) {
      if (!(error instanceof ProviderError) && !this.#stop.signal.aborted) note(error)
    }
  }
}

function sealedElsewhere(): ProviderError {
  return new ProviderError('denied', 'Its key was sealed by another key file of the control room.', {
    hint: 'Forget the account and add it again.',
  })
}
