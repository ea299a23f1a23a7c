/** Figures of the last minute, in slots of a second: bounded, and forgotten by themselves. */

/** What «lately» means, ms. */
export const recentMs = 60_000
const slotMs = 1_000
const slots = recentMs / slotMs

/** How much of something there was. */
export class RecentCount {
  readonly #counts = new Float64Array(slots)
  readonly #ring = new SlotRing((slot) => (this.#counts[slot] = 0))

  add(count: number, now: number): void {
    const slot = this.#ring.turnTo(now)
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count
  }

  sum(now: number): number {
    this.#ring.turnTo(now)
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }
}

/** Buckets an octave: a percentile is right to within 9 %. */
const perOctave = 8
const shortestMs = 1 / 16
const buckets = 22 * perOctave

/** How long something took. */
export class RecentTimes {
  readonly #counts = new Uint32Array(slots * buckets)
  readonly #ring = new SlotRing((slot) => this.#counts.fill(0, slot * buckets, (slot + 1) * buckets))

  add(ms: number, now: number): void {
    const bucket = Math.min(buckets - 1, Math.max(0, Math.floor(Math.log2(ms / shortestMs) * perOctave)))
    const at = this.#ring.turnTo(now) * buckets + bucket
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
  }

  /** Below which the given share lies; null without any. */
  percentile(share: number, now: number): number | null {
    this.#ring.turnTo(now)
    const sums = Array.from({ length: buckets }, (_, bucket) => this.#sumBucket(bucket))
    let left = sums.reduce((sum, count) => sum + count, 0) * share
    if (left === 0) return null
    const bucket = sums.findIndex((count) => (left -= count) <= 0)
    return shortestMs * 2 ** ((bucket + 0.5) / perOctave)
  }

  #sumBucket(bucket: number): number {
    let sum = 0
    for (let slot = 0; slot < slots; slot += 1) sum += this.#counts[slot * buckets + bucket] ?? 0
    return sum
  }
}

/** Which slot is now's; those that were passed since the last look are emptied. */
class SlotRing {
  readonly #empty: (slot: number) => void
  #second: number | undefined

  constructor(empty: (slot: number) => void) {
    this.#empty = empty
  }

  turnTo(now: number): number {
    const second = Math.floor(now / slotMs)
    const last = this.#second ?? second
    // A clock that was set back: what is newer than now is not lately.
    const passed = second < last ? slots : Math.min(slots, second - last)
    for (let step = 0; step < passed; step += 1) this.#empty((((second - step) % slots) + slots) % slots)
    this.#second = second
    return ((second % slots) + slots) % slots
  }
}
