/** Invented losses of which it is known what is wrong with them: nothing, or what was put into them. */
import type { AnomalyKind } from '@pilothouse/contract'
import type { Random } from './seeded-random.ts'

/** Where an anomaly is: raised between `from` and `until` it is found. Points of a curve, or ms of a machine. */
export type Label = { kind: AnomalyKind; from: number; until: number }
export type LabelledCurve = { values: Float64Array; labels: Label[] }

type Shape = { floor: number; drop: number; power: number; offset: number }
type Noise = { share: number; memory: number; degrees: number | null }
type Calm = { level: Float64Array; noise: Noise; drop: number }

/** Lengths of curves: most are short, some long. */
const lengths = [600, 1_000, 2_000, 4_000, 10_000]

/** A training without anything wrong: of a language model or of pictures, with noise of many kinds, warm-up, warm restarts. */
export function makeCalmCurve(random: Random): LabelledCurve {
  const calm = makeCalm(random, { restarts: random.next() < 0.4 })
  return { values: addNoise(random, calm), labels: [] }
}

export function makeSpikedCurve(random: Random): LabelledCurve {
  const calm = makeCalm(random, {})
  const values = addNoise(random, calm)
  const count = random.whole(1, 3)
  const labels: Label[] = []
  for (let at = 0; at < count; at += 1) {
    const from = Math.floor(values.length * random.between((at + 0.3) / (count + 0.3), (at + 0.9) / (count + 0.3)))
    const level = calm.level[from] ?? 0
    const height = level * Math.max(random.between(0.3, 2), 12 * calm.noise.share)
    const lasts = random.whole(1, 8)
    for (let step = 0; step < 4 * lasts && from + step < values.length; step += 1)
      values[from + step] = (values[from + step] ?? 0) + height * Math.exp(-step / lasts)
    labels.push({ kind: 'spike', from, until: from + 20 })
  }
  return { values, labels }
}

/** It stops to learn, far from where it would have come to. */
export function makePlateau(random: Random): LabelledCurve {
  const calm = makeCalm(random, { power: random.between(0.3, 0.8) })
  const { level } = calm
  const from = Math.floor(level.length * random.between(0.3, 0.55))
  level.fill(level[from] ?? 0, from)
  return { values: addNoise(random, calm), labels: [{ kind: 'plateau', from, until: level.length }] }
}

/** It goes up: at once or slowly, to more than half of where it came from or far above, or becomes NaN. */
export function makeDivergence(random: Random): LabelledCurve {
  const calm = makeCalm(random, {})
  const { level, drop } = calm
  const from = Math.floor(level.length * random.between(0.3, 0.6))
  const rise = drop * (random.next() < 0.5 ? random.between(0.6, 1.2) : random.between(1.2, 5))
  const ramp = random.between(10, level.length / 6)
  const start = level[from] ?? 0
  for (let at = from; at < level.length; at += 1) level[at] = start + rise * (1 - Math.exp((from - at) / ramp))
  const values = addNoise(random, calm)
  if (random.next() < 0.25) values.fill(Number.NaN, from + random.whole(1, 50))
  return { values, labels: [{ kind: 'divergence', from, until: level.length }] }
}

type Wish = { restarts?: boolean; power?: number }

function makeCalm(random: Random, { restarts = false, power }: Wish): Calm {
  const length = lengths[random.whole(0, lengths.length - 1)] ?? 600
  const isPictures = random.next() < 0.4
  const shape: Shape = isPictures
    ? {
        floor: random.between(0.01, 0.5),
        drop: random.between(2, 7),
        power: power ?? random.between(0.3, 0.8),
        offset: 20,
      }
    : {
        floor: random.between(0.8, 2.5),
        drop: random.between(4, 9),
        power: power ?? random.between(0.15, 0.5),
        offset: 10,
      }
  const level = Float64Array.from({ length }, (_, at) => readShape(shape, at))
  if (random.next() < 0.5) warmUp(random, level)
  if (restarts) restart(random, level, shape)
  const noise = {
    share: isPictures ? random.between(0.02, 0.2) : random.between(0.003, 0.06),
    memory: random.next() < 0.5 ? 0 : random.between(0, 0.6),
    degrees: random.next() < 0.25 ? random.whole(4, 8) : null,
  }
  return { level, noise, drop: shape.drop }
}

function readShape({ floor, drop, power, offset }: Shape, at: number): number {
  return floor + drop * ((at + offset) / offset) ** -power
}

/** The first steps learn little, or make it worse. */
function warmUp(random: Random, level: Float64Array): void {
  const steps = random.whole(5, 80)
  const first = level[0] ?? 0
  const hump = random.between(0, 0.1) * first
  level.copyWithin(steps, 0)
  for (let at = 0; at < steps; at += 1) level[at] = first + hump * Math.sin((Math.PI * at) / steps)
}

/** The learning rate jumps up again: the loss rises within some steps and comes down again. */
function restart(random: Random, level: Float64Array, { drop }: Shape): void {
  const cycles = random.whole(2, 5)
  const every = level.length / cycles
  const height = random.between(0.05, 0.3) * drop
  const rises = random.between(5, 30)
  const falls = random.between(0.05, 0.25) * every
  for (let at = Math.ceil(every); at < level.length; at += 1) {
    const since = at % every
    level[at] = (level[at] ?? 0) + height * (1 - Math.exp(-since / rises)) * Math.exp(-since / falls)
  }
}

/** In shares of the level, some of it kept from step to step, in some curves with heavy tails. */
function addNoise(random: Random, { level, noise }: Calm): Float64Array {
  let kept = 0
  const fresh = Math.sqrt(1 - noise.memory ** 2)
  return level.map((one) => {
    kept = noise.memory * kept + fresh * (noise.degrees === null ? random.normal() : random.heavy(noise.degrees))
    return one * Math.max(0.02, 1 + noise.share * kept)
  })
}
