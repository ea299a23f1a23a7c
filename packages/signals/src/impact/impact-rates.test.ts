import { expect, it } from 'vitest'
import { measureImpact } from './measure-impact.ts'
import { type Family, drawCurve, families } from './synthetic-curves.fixture.ts'

const seedsOfNothing = 200
const seedsOfEffects = 40
/** Thousands of analyses, on a machine that may be busy with others. */
const patienceMs = 180_000

type Rate = { seen: number; wrongWay: number; holdsEffect: number }

/** Shares of curves in which an effect is seen, seen the wrong way, and where the interval holds what was put in. */
function rate(family: Family, effect: { level?: number; slope?: number; delay?: number }, seeds: number): Rate {
  const found = Array.from({ length: seeds }, (_, seed) => {
    const { verdict, effect: measured } = measureImpact({
      key: 'loss',
      goal: 'lower',
      ...drawCurve(family, 7_919 * seed + 13, effect),
    })
    const put = (effect.level ?? 0) * family.noise
    const holds = measured !== null && measured.mean.lower <= put && put <= measured.mean.upper
    return { isSeen: verdict === 'better' || verdict === 'worse', isWrong: verdict === 'worse', holds }
  })
  const share = (test: (one: (typeof found)[number]) => boolean): number => found.filter(test).length / seeds
  return {
    seen: share((one) => one.isSeen),
    wrongWay: share((one) => one.isWrong),
    holdsEffect: share((one) => one.holds),
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

it(
  'where nothing happened, an effect is seen in 8 % of curves at most',
  () => {
    const rates = families.map((family) => {
      const { seen } = rate(family, {}, seedsOfNothing)
      process.stdout.write(`false alarms, ${family.name}: ${percent(seen)}\n`)
      expect(seen, family.name).toBeLessThanOrEqual(0.12)
      return seen
    })
    const total = rates.reduce((sum, one) => sum + one, 0) / rates.length
    process.stdout.write(`false alarms, all ${families.length * seedsOfNothing} curves: ${percent(total)}\n`)
    expect(families.length * seedsOfNothing).toBeGreaterThanOrEqual(1_000)
    expect(total).toBeLessThanOrEqual(0.08)
  },
  patienceMs,
)

it(
  'the same holds for few points and for short windows',
  () => {
    for (const [before, after] of [
      [12, 4],
      [40, 10],
      [300, 10],
      [300, 150],
    ] as const) {
      const seen = families.map((family) => rate({ ...family, before, after }, {}, 25).seen)
      const total = seen.reduce((sum, one) => sum + one, 0) / seen.length
      process.stdout.write(`false alarms, ${before} points before and ${after} after: ${percent(total)}\n`)
      expect(total).toBeLessThanOrEqual(0.08)
    }
  },
  patienceMs,
)

it(
  'effects of a known size are seen as often as can be, and hardly ever the wrong way round',
  () => {
    for (const family of families) {
      const level = rate(family, { level: -2 }, seedsOfEffects)
      const large = rate(family, { level: -4 }, seedsOfEffects)
      const slope = rate(family, { slope: -3 }, seedsOfEffects)
      const late = rate(family, { level: -3, delay: 0.5 }, seedsOfEffects)
      process.stdout.write(
        `seen, ${family.name}: level −2 σ ${percent(level.seen)}, −4 σ ${percent(large.seen)}, slope to −3 σ ${percent(slope.seen)}, −3 σ in the second half ${percent(late.seen)}\n`,
      )
      for (const one of [level, large, slope, late]) expect(one.wrongWay, family.name).toBeLessThanOrEqual(0.05)
      expect(large.seen, family.name).toBeGreaterThanOrEqual(0.5)
      expect(large.seen, family.name).toBeGreaterThanOrEqual(level.seen)
      expect(level.holdsEffect, family.name).toBeGreaterThanOrEqual(0.88)
    }
  },
  patienceMs,
)

it(
  'where curves are calm, an effect of one standard deviation of a single point is seen in half of them',
  () => {
    for (const [at, least] of [
      [0, 0.4],
      [2, 0.9],
      [7, 0.5],
    ] as const) {
      const family = families[at]
      if (!family) throw new Error('no such family')
      expect(rate(family, { level: -1 }, seedsOfEffects).seen, family.name).toBeGreaterThanOrEqual(least)
    }
  },
  patienceMs,
)
