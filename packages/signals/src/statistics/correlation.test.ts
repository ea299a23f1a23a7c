import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correlationRatio, pearson, rankValues, spearman } from './correlation.ts'
import { incompleteBeta, logGamma } from './incomplete-beta.ts'

// Two runs of six learning rates: the best lies in the middle, so no straight or monotone line finds it.
const rates = [0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003]
const losses = [2.9, 1.42, 1.11, 1.25, 1.61, 2.2, 2.7, 1.38, 1.05, 1.31, 1.7, 2.05]
const optimizers = 'adam adam sgd sgd lion lion adam adam sgd sgd lion lion'.split(' ')
const tiedX = [1, 2, 2, 3, 4, 4, 4, 5, 6, 7]
const tiedY = [2, 1, 4, 4, 3, 6, 5, 5, 8, 8]

describe('figures as SciPy 1.17 gives them', () => {
  it.each([
    [0.5, 2, 3, 0.6875],
    [0.1, 0.5, 0.5, 0.204_832_764_699_133_45],
    [0.99, 10, 0.5, 0.657_928_175_156_794_1],
    [0.3, 20, 30, 0.069_987_093_300_507_2],
    [1e-5, 5, 0.5, 2.460_947_753_972_169_2e-26],
    [0.7, 249, 0.5, 1.745_641_312_421_177_3e-40],
  ])('I(%d; %d, %d)', (x, a, b, expected) => {
    expect(incompleteBeta(x, a, b) / expected).toBeCloseTo(1, 11)
  })

  it.each([
    [0.1, 2.252_712_651_734_206],
    [0.5, 0.572_364_942_924_7],
    [1, 0],
    [2.5, 0.284_682_870_472_919_2],
    [100.5, 361.435_540_467_777_57],
  ])('ln Γ(%d)', (x, expected) => {
    expect(logGamma(x)).toBeCloseTo(expected, 11)
  })

  it('pearsonr', () => {
    expectStrength(pearson(rates, losses), 0.724_202_866_803_818_5, 0.007_734_168_039_150_487)
    expectStrength(pearson(tiedX, tiedY), 0.874_500_141_174_318_5, 0.000_930_250_202_895_925_6)
  })

  it('spearmanr, with ties', () => {
    expectStrength(spearman(rates, losses), 0.028_270_139_709_608_78, 0.930_503_034_736_568_1)
    expectStrength(spearman(tiedX, tiedY), 0.854_053_741_406_169_6, 0.001_658_015_373_237_977_3)
  })

  it('f_oneway, and the share between groups', () => {
    expectStrength(correlationRatio(optimizers, losses), 0.451_319_557_935_955_6, 0.067_133_247_992_130_4)
    expectStrength(correlationRatio(rates, losses), 0.990_364_233_588_453, 5.807_694_090_826_706_5e-6)
  })

  it('rankdata', () => {
    expect(rankValues(tiedX)).toEqual([1, 2.5, 2.5, 4, 6, 6, 6, 8, 9, 10])
  })
})

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const pairs = fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 60 })

it('strength lies between −1 and 1, p between 0 and 1, and neither side comes first', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const [xs, ys] = [list.map(([x]) => x), list.map(([, y]) => y)]
      for (const measure of [pearson, spearman]) {
        const [one, other] = [measure(xs, ys), measure(ys, xs)]
        if (one === null || other === null) {
          expect(one).toBe(other)
          continue
        }
        expect(Math.abs(one.value)).toBeLessThanOrEqual(1)
        expect(one.p).toBeGreaterThanOrEqual(0)
        expect(one.p).toBeLessThanOrEqual(1)
        expect(one.value).toBeCloseTo(other.value, 12)
      }
    }),
  )
})

it('a change of units changes no correlation, a change of sign only its sign', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 })), {
    minLength: 3,
    maxLength: 40,
  })
  const scale = fc.integer({ min: 1, max: 1000 })
  fc.assert(
    fc.property(steps, scale, scale, (list, factor, shift) => {
      const [xs, ys] = [list.map(([x]) => x), list.map(([, y]) => y)]
      const plain = pearson(xs, ys)
      expect(
        pearson(
          xs.map((x) => x * factor + shift),
          ys,
        )?.value ?? 9,
      ).toBeCloseTo(plain?.value ?? 9, 9)
      expect(
        pearson(
          xs.map((x) => -x),
          ys,
        )?.value ?? -9,
      ).toBeCloseTo(-(plain?.value ?? 9), 9)
    }),
  )
})

it('ranks add up, and ordering by them is ordering by value', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }), (values) => {
      const ranks = rankValues(values)
      expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo((values.length * (values.length + 1)) / 2, 9)
      for (const [a, x] of values.entries())
        for (const [b, y] of values.entries())
          expect(Math.sign(x - y)).toBe(Math.sign((ranks[a] ?? 0) - (ranks[b] ?? 0)))
    }),
  )
})

it('of values that chance made, one in twenty looks like more than chance', () => {
  let seed = 7
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const rounds = 2_000
  const draw = (): number[] => Array.from({ length: 12 }, random)
  let [straight, grouped] = [0, 0]
  for (let round = 0; round < rounds; round += 1) {
    if ((pearson(draw(), draw())?.p ?? 1) < 0.05) straight += 1
    if (
      (correlationRatio(
        draw().map((x) => Math.floor(x * 3)),
        draw(),
      )?.p ?? 1) < 0.05
    )
      grouped += 1
  }
  for (const found of [straight, grouped]) {
    expect(found / rounds).toBeGreaterThan(0.035)
    expect(found / rounds).toBeLessThan(0.065)
  }
})

it('nothing is told of what does not vary, however large or small it is', () => {
  expect(pearson([1, 1, 1], [1, 2, 3])).toBeNull()
  expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBeNull()
  expect(spearman([1, 2, 3], [0, 0, 0])).toBeNull()
  expect(pearson([1, 2], [1, 2])).toBeNull()
  expect(correlationRatio(['a', 'a', 'a'], [1, 2, 3])).toBeNull()
  expect(correlationRatio(['a', 'b', 'c'], [1, 2, 3])).toBeNull()
  expect(pearson([1e300, 2e300, 3e300], [1e-300, 2e-300, 3e-300])?.value).toBeCloseTo(1, 12)
})

function expectStrength(found: { value: number; p: number } | null, value: number, p: number): void {
  expect(found?.value).toBeCloseTo(value, 12)
  expect((found?.p ?? 0) / p).toBeCloseTo(1, 9)
}
