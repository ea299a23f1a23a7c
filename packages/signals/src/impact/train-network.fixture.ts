import { drawNormal, makeRandom } from './synthetic-curves.fixture.ts'

/** What is really trained: two spirals, told apart by a network with one hidden layer of tanh units, by plain descent. */
const hidden = 12
const batch = 16

export type Training = { steps: number; rateAt: (step: number) => number; seed: number }

/** Mean cross-entropy of each step's batch, in nats. */
export function trainNetwork({ steps, rateAt, seed }: Training): number[] {
  const random = makeRandom(seed)
  const inner = Float64Array.from({ length: hidden * 3 }, () => drawNormal(random))
  const outer = Float64Array.from({ length: hidden + 1 }, () => drawNormal(random) / Math.sqrt(hidden))
  return Array.from({ length: steps }, (_, step) => descend(inner, outer, { rate: rateAt(step), random }))
}

function descend(
  inner: Float64Array,
  outer: Float64Array,
  { rate, random }: { rate: number; random: () => number },
): number {
  const innerSlope = new Float64Array(inner.length)
  const outerSlope = new Float64Array(outer.length)
  const units = new Float64Array(hidden)
  let loss = 0
  for (let row = 0; row < batch; row += 1) {
    const { x, y, label } = drawSpiral(random)
    let logit = outer[hidden] ?? 0
    for (let at = 0; at < hidden; at += 1) {
      units[at] = Math.tanh((inner[3 * at] ?? 0) * x + (inner[3 * at + 1] ?? 0) * y + (inner[3 * at + 2] ?? 0))
      logit += (units[at] ?? 0) * (outer[at] ?? 0)
    }
    const share = 1 / (1 + Math.exp(-logit))
    loss -= Math.log(Math.max(1e-12, label === 1 ? share : 1 - share)) / batch
    const error = (share - label) / batch
    for (let at = 0; at < hidden; at += 1) {
      const unit = units[at] ?? 0
      add(outerSlope, at, error * unit)
      const back = error * (outer[at] ?? 0) * (1 - unit * unit)
      add(innerSlope, 3 * at, back * x)
      add(innerSlope, 3 * at + 1, back * y)
      add(innerSlope, 3 * at + 2, back)
    }
    add(outerSlope, hidden, error)
  }
  innerSlope.forEach((slope, at) => add(inner, at, -rate * slope))
  outerSlope.forEach((slope, at) => add(outer, at, -rate * slope))
  return loss
}

function drawSpiral(random: () => number): { x: number; y: number; label: number } {
  const label = random() < 0.5 ? 0 : 1
  const turn = random() * 4
  const angle = turn + label * Math.PI
  return {
    x: 0.5 * turn * Math.cos(angle) + 0.1 * drawNormal(random),
    y: 0.5 * turn * Math.sin(angle) + 0.1 * drawNormal(random),
    label,
  }
}

function add(to: Float64Array, at: number, value: number): void {
  to[at] = (to[at] ?? 0) + value
}
