import { expect, it } from 'vitest'
import { measureImpact } from './measure-impact.ts'
import { trainNetwork } from './train-network.fixture.ts'

const seeds = 25
/** Hundreds of trainings, on a machine that may be busy with others. */
const patienceMs = 180_000

/** Shares of trainings in which a rate that is multiplied by `factor` at a step is found to be better, and worse. */
function change(rate: number, at: number, factor: number): { better: number; worse: number } {
  const verdicts = Array.from({ length: seeds }, (_, seed) => {
    const rateAt = (step: number): number => (step < at ? rate : rate * factor)
    const values = trainNetwork({ steps: Math.round(at * 1.3), seed: seed + 1, rateAt })
    const steps = values.map((_, step) => step)
    return measureImpact({ key: 'loss', goal: 'lower', steps, values, changeStep: at }).verdict
  })
  const share = (verdict: string): number => verdicts.filter((one) => one === verdict).length / seeds
  const found = { better: share('better'), worse: share('worse') }
  process.stdout.write(
    `trained at ${rate}, × ${factor} at step ${at}: better ${(100 * found.better).toFixed(0)} %, worse ${(100 * found.worse).toFixed(0)} %\n`,
  )
  return found
}

it(
  'trainings that are left alone show an effect about as often as synthetic curves',
  () => {
    const rates = [0.05, 0.3, 1].flatMap((rate) => [300, 1_000].map((at) => change(rate, at, 1)))
    const seen = rates.reduce((sum, { better, worse }) => sum + (better + worse) / rates.length, 0)
    process.stdout.write(`trained and left alone: an effect in ${(100 * seen).toFixed(1)} %\n`)
    expect(seen).toBeLessThanOrEqual(0.08)
  },
  patienceMs,
)

it(
  'a rate that was too low is better when it is raised, and one that is raised too far is worse',
  () => {
    const raised = change(0.05, 1_000, 20)
    expect(raised).toEqual({ better: expect.toSatisfy((share: number) => share >= 0.9), worse: 0 })
    expect(change(1, 300, 20)).toEqual({ better: 0, worse: expect.toSatisfy((share: number) => share >= 0.9) })
    expect(change(0.3, 1_000, 20).worse).toBeGreaterThanOrEqual(0.8)
  },
  patienceMs,
)
