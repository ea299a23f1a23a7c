/** Curves as trainings draw them, made of seeded chance, with effects that are known. For tests and for `docs/impact.md`. */

export type Curve = { steps: number[]; values: number[] }

/** Uniform numbers in [0, 1): mulberry32, period 2³². */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A standard normal number (Box and Muller 1958). */
export function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Noise e[i] = φ·e[i−1] + √(1−φ²)·z: standard deviation 1 whatever φ is. */
function drawCorrelated(random: () => number, count: number, phi: number): number[] {
  let last = drawNormal(random)
  return Array.from({ length: count }, () => (last = phi * last + Math.sqrt(1 - phi * phi) * drawNormal(random)))
}

/** What happens at `at`: a level that moves at once, one that drifts from there on, or one that moves `delay` later. */
export type Effect = { at: number; level?: number; slope?: number; delay?: number }

export type Family = {
  name: string
  /** Points before and after the change, and steps between them. */
  before: number
  after: number
  every: number
  /** Standard deviation of its noise, the unit of `Effect`. */
  noise: number
  draw: (random: () => number, count: number, every: number) => number[]
}

export const families: readonly Family[] = [
  {
    name: 'power law, AR(1) noise 0.6, spikes',
    before: 800,
    after: 200,
    every: 1,
    noise: 0.08,
    draw: (random, count) => {
      const noise = drawCorrelated(random, count, 0.6)
      const start = 50 + random() * 2_000
      return noise.map((one, index) => {
        const spike = random() < 0.01 ? Math.abs(drawNormal(random)) * 1.5 : 0
        return 1.6 + 4 * ((index + start) / 50) ** -0.5 + 0.08 * one + spike
      })
    },
  },
  {
    name: 'exponential decay, noise in proportion',
    before: 600,
    after: 200,
    every: 10,
    noise: 0.05,
    draw: (random, count) => {
      const noise = drawCorrelated(random, count, 0.3)
      const tau = count * (0.2 + random())
      return noise.map((one, index) => (0.3 + 2 * Math.exp(-index / tau)) * (1 + 0.05 * one))
    },
  },
  {
    name: 'heavy tails (t, 3 degrees) on a slow line',
    before: 500,
    after: 150,
    every: 1,
    noise: 0.1,
    draw: (random, count) => {
      const slope = (random() - 0.7) * 0.0004
      return Array.from({ length: count }, (_, index) => {
        const chi = drawNormal(random) ** 2 + drawNormal(random) ** 2 + drawNormal(random) ** 2
        return 2 + slope * index + (0.1 * drawNormal(random)) / Math.sqrt(chi)
      })
    },
  },
  {
    name: 'slow waves: AR(1) noise 0.97',
    before: 1_000,
    after: 250,
    every: 1,
    noise: 0.1,
    draw: (random, count) =>
      drawCorrelated(random, count, 0.97).map((one, index) => 1 + 2 / Math.sqrt(index + 400) + 0.1 * one),
  },
  {
    name: 'random walk with noise',
    before: 600,
    after: 200,
    every: 1,
    noise: 0.1,
    draw: (random, count) => {
      let level = 3
      return Array.from({ length: count }, () => {
        level += 0.01 * drawNormal(random)
        return level + 0.1 * drawNormal(random)
      })
    },
  },
  {
    name: 'accuracy that saturates, of 500 samples',
    before: 300,
    after: 100,
    every: 5,
    noise: 0.015,
    draw: (random, count) => {
      const tau = count * (0.1 + 0.4 * random())
      return Array.from({ length: count }, (_, index) => {
        const share = 0.9 - 0.7 * Math.exp(-(index + 10) / tau)
        return Math.round(500 * (share + Math.sqrt((share * (1 - share)) / 500) * drawNormal(random))) / 500
      })
    },
  },
  {
    name: 'evaluations: 24 points before, 8 after',
    before: 24,
    after: 8,
    every: 500,
    noise: 0.02,
    draw: (random, count) => {
      const start = 2 + random() * 20
      return Array.from(
        { length: count },
        (_, index) => 1.2 + 1.5 / Math.sqrt(index + start) + 0.02 * drawNormal(random),
      )
    },
  },
  {
    name: 'epoch pattern: sawtooth every 50 steps',
    before: 800,
    after: 200,
    every: 1,
    noise: 0.05,
    draw: (random, count) => {
      const shift = Math.floor(random() * 50)
      return Array.from(
        { length: count },
        (_, index) => 2 - 0.0004 * index + 0.003 * ((index + shift) % 50) + 0.05 * drawNormal(random),
      )
    },
  },
]

/** One curve of a family, its change at step `before · every`; the effect in units of the family's noise. */
export function drawCurve(
  family: Family,
  seed: number,
  effect: Omit<Effect, 'at'> = {},
): Curve & { changeStep: number } {
  const random = makeRandom(seed)
  const count = family.before + family.after
  const values = family.draw(random, count, family.every)
  const { level = 0, slope = 0, delay = 0 } = effect
  const moved = values.map((value, index) => {
    const since = (index - family.before) / family.after
    return since >= delay ? value + family.noise * (level + slope * since) : value
  })
  return {
    steps: moved.map((_, index) => index * family.every),
    values: moved,
    changeStep: family.before * family.every,
  }
}
