import { expect, it } from 'vitest'
import { adjustShare, jobsForCorrelationMin, rankParameters } from './rank-parameters.ts'

const rates = [0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003]
const losses = [2.9, 1.42, 1.11, 1.25, 1.61, 2.2, 2.7, 1.38, 1.05, 1.31, 1.7, 2.05]
const batches = [16, 16, 16, 16, 16, 16, 64, 64, 64, 64, 64, 64]

it('finds the parameter that matters, also where its best value lies in the middle', () => {
  const ranked = rankParameters(
    [
      { name: 'batch', values: batches },
      { name: 'lr', values: rates },
    ],
    losses,
  )
  expect(ranked.map(({ name }) => name)).toEqual(['lr', 'batch'])
  const [lr, batch] = ranked
  expect(lr).toMatchObject({ n: 12, isNumeric: true, absence: null })
  // 1 − (1 − 0.99036) · 11/6: the monotone line alone would have said nothing.
  expect(lr?.importance).toBeCloseTo(0.98233, 4)
  expect(lr?.p).toBeLessThan(1e-4)
  expect(lr?.spearman?.value).toBeLessThan(0.1)
  expect(batch?.importance).toBe(0)
})

it('takes words and switches as groups, and never as numbers', () => {
  const [found] = rankParameters(
    [{ name: 'amp', values: [true, true, true, false, false, false] }],
    [1, 1.1, 0.9, 2, 2.1, 1.9],
  )
  expect(found).toMatchObject({ isNumeric: false, pearson: null, spearman: null, ratio: { groups: 2 } })
  expect(found?.importance).toBeGreaterThan(0.9)
})

it('says why it can say nothing', () => {
  const of = (values: (string | number | undefined)[], metric: (number | null)[]) =>
    rankParameters([{ name: 'x', values }], metric)[0]?.absence
  const some = [1, 2, 3, 4, 5, 6]
  expect(of([1, 2, 3, 4, undefined, undefined], some)).toBe('tooFew')
  expect(of(some, [1, null, null, 2, 3, Number.NaN])).toBe('tooFew')
  expect(of([7, 7, 7, 7, 7, 7], some)).toBe('constantParameter')
  expect(of(some, [2, 2, 2, 2, 2, 2])).toBe('constantMetric')
  expect(of(['a', 'b', 'c', 'd', 'e', 'f'], some)).toBe('allDifferent')
  expect(of(some, some)).toBeNull()
  expect(jobsForCorrelationMin).toBe(5)
})

it('jobs without the parameter or without the metric do not count', () => {
  const [found] = rankParameters([{ name: 'x', values: [1, 2, 3, 4, 5, undefined, 7] }], [2, 4, 6, 8, 10, 0, null])
  expect(found?.n).toBe(5)
  expect(found?.pearson?.value).toBeCloseTo(1, 12)
})

it('a share is worth less the more it took to explain it', () => {
  expect(adjustShare(0.5, 12, 1)).toBeCloseTo(0.45, 12)
  expect(adjustShare(0.5, 12, 5)).toBeCloseTo(1 - (0.5 * 11) / 6, 12)
  expect(adjustShare(0.1, 12, 5)).toBe(0)
})
