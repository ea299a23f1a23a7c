/** A token bucket for each address, for what may fail only so often: sign-ins, unknown tokens. */
export type LimiterOptions = {
  /** So many failures at once … */
  burst: number
  /** … and then one more every so many ms. */
  refillMs: number
  /** Addresses remembered. At the bound the one that failed longest ago is forgotten. */
  addressesMax?: number
}

type Bucket = { left: number; at: number }

export class AttemptLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #options: Required<LimiterOptions>

  constructor(options: LimiterOptions) {
    this.#options = { addressesMax: 10_000, ...options }
  }

  /** Milliseconds until `address` may try again; 0 when it may now. */
  waitMs(address: string, now: number): number {
    const left = this.#refill(address, now)
    return left >= 1 ? 0 : Math.ceil((1 - left) * this.#options.refillMs)
  }

  /** Notes that an attempt from `address` failed. */
  noteFailure(address: string, now: number): void {
    const left = Math.max(0, this.#refill(address, now) - 1)
    this.#buckets.delete(address)
    this.#buckets.set(address, { left, at: now })
    if (this.#buckets.size <= this.#options.addressesMax) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }

  #refill(address: string, now: number): number {
    const bucket = this.#buckets.get(address)
    if (!bucket) return this.#options.burst
    const left = bucket.left + Math.max(0, now - bucket.at) / this.#options.refillMs
    if (left < this.#options.burst) return left
    this.#buckets.delete(address)
    return this.#options.burst
  }
}
