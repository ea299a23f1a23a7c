/** One face for those who rent machines out. What one of them cannot do it says in `can`, before anybody asks. */
import type { InstanceFacts, ProviderKind } from '@pilothouse/contract'

export type AskOptions = { signal?: AbortSignal | undefined }

/** What providers can do beyond listing. */
export const providerAbilities = [
  'start',
  'stop',
  'destroy',
  'label',
  'logs',
  'search',
  'create',
  'charges',
  'utilisation',
] as const
export type ProviderAbility = (typeof providerAbilities)[number]

export type OfferSearch = {
  /** Part of its name, case aside. */
  gpuName?: string | undefined
  gpuCountMin?: number | undefined
  perHourMax?: number | undefined
  diskGbMin?: number | undefined
  limit: number
}

/** A machine that could be rented. */
export type Offer = {
  id: string
  gpuName: string
  gpuCount: number
  /** Of one GPU. */
  gpuMemoryBytes: number | null
  perHour: number
  currency: 'USD'
  region: string | null
  /** 0–1, as the provider has it; null: it does not say. */
  reliability: number | null
  cpus: number | null
  memoryBytes: number | null
  diskBytes: number | null
}

export type InstanceOrder = {
  offerId: string
  image: string
  diskGb: number
  label: string | null
  /** Run once when it starts; a script of sh. */
  onStart: string | null
  /** Of OpenSSH, one line each. */
  sshKeys: readonly string[]
}

/** What was billed for one machine within a span. */
export type Charge = { instanceId: string; from: number; until: number; amount: number; currency: 'USD' }

export type Provider = {
  readonly kind: ProviderKind
  readonly can: ReadonlySet<ProviderAbility>
  /** It is asked for its machines at most so often, ms: a floor under every interval. */
  readonly pollMsMin: number
  /** All of the account. @throws ProviderError */
  list(options?: AskOptions): Promise<InstanceFacts[]>
  /** null: it has none of this id. @throws ProviderError */
  get(id: string, options?: AskOptions): Promise<InstanceFacts | null>
  /** @throws ProviderError, `unable` where `can` lacks it; as all below */
  start(id: string, options?: AskOptions): Promise<void>
  stop(id: string, options?: AskOptions): Promise<void>
  /** With all that is on it. One that is gone already is no error. */
  destroy(id: string, options?: AskOptions): Promise<void>
  label(id: string, label: string, options?: AskOptions): Promise<void>
  /** The last lines of what its container printed. */
  readLog(id: string, lines: number, options?: AskOptions): Promise<string[]>
  search(search: OfferSearch, options?: AskOptions): Promise<Offer[]>
  /** @returns the id of the new machine */
  create(order: InstanceOrder, options?: AskOptions): Promise<string>
  charges(span: { from: number; until: number }, options?: AskOptions): Promise<Charge[]>
}

export type ProviderFault =
  /** No answer in time, a connection that failed. */
  | 'unreachable'
  /** The key is refused. */
  | 'denied'
  /** Asked too often. */
  | 'busy'
  /** It answered 5xx, or with what nobody understands. */
  | 'broken'
  /** It refused this very request, and says why. */
  | 'refused'
  | 'notFound'
  /** It cannot do that at all. */
  | 'unable'

/** Its message never has a key in it. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly kind: ProviderFault
  /** What to do about it. */
  readonly hint: string
  /** Not before so long from now, ms; null: it does not say. */
  readonly retryAfterMs: number | null

  constructor(
    kind: ProviderFault,
    message: string,
    { hint, retryAfterMs = null, cause }: { hint: string; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, { cause })
    this.kind = kind
    this.hint = hint
    this.retryAfterMs = retryAfterMs
  }
}
