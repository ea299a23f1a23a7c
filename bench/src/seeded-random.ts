/** Chance that comes out the same for the same seed. */
export type Random = {
  /** From 0 to 1. */
  next: () => number
  between: (low: number, high: number) => number
  whole: (low: number, high: number) => number
  /** Normal, of mean 0 and deviation 1. */
  normal: () => number
  /** Student's t, of `degrees` of freedom: heavy tails. */
  heavy: (degrees: number) => number
}

/** By the generator «mulberry32» (T. Ettinger, public domain). */
export function seedRandom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + (high - low) * next()
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1))
  // Box and Muller.
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const heavy = (degrees: number) => {
    let squares = 0
    for (let at = 0; at < degrees; at += 1) squares += normal() ** 2
    return normal() / Math.sqrt(squares / degrees)
  }
  return { next, between, whole, normal, heavy }
}
