import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseTicks, describeHistogram, heatStrength, middleRangeOf, rangeOf, spreadCounts } from './histogram-math.ts'

const even = { counts: [1, 1, 2], edges: [0, 1, 2, 4] }

test('bins are spread over the parts that they touch', () => {
  expect([...spreadCounts(even, [0, 4], 4)]).toEqual([0.25, 0.25, 0.25, 0.25])
  expect([...spreadCounts(even, [0, 8], 4)]).toEqual([0.5, 0.5, 0, 0])
  expect([...spreadCounts({ counts: [4], edges: [2, 2] }, [0, 4], 4)]).toEqual([0, 0, 1, 0])
  // Of a bin that reaches beyond the range only what lies in it.
  expect([...spreadCounts({ counts: [4], edges: [3, 7] }, [0, 4], 4)]).toEqual([0, 0, 0, 0.25])
  expect([...spreadCounts({ counts: [0], edges: [0, 4] }, [0, 4], 2)]).toEqual([0, 0])
  // A bin far narrower than a part keeps its share to the last digit.
  expect(spreadCounts({ counts: [489, 397], edges: [-5e-324, 0, 2.4e-6] }, [-5e-324, 2.4e-6], 1)[0]).toBeCloseTo(1, 12)
})

test('whatever the bins, nothing is lost and nothing is added', () => {
  const edges = fc
    .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 30 })
    .map((values) => values.toSorted((a, b) => a - b))
  fc.assert(
    fc.property(edges, fc.infiniteStream(fc.nat(1000)), fc.integer({ min: 1, max: 200 }), (given, numbers, cells) => {
      const counts = Array.from({ length: given.length - 1 }, () => Number(numbers.next().value) + 1)
      const body = { counts, edges: given }
      const sum = spreadCounts(body, rangeOf([body]), cells).reduce((all, share) => all + share, 0)
      expect(sum).toBeCloseTo(1, 6)
    }),
  )
})

test('one axis holds all histograms, also where all values are the same', () => {
  expect(rangeOf([even, { counts: [1], edges: [-3, 1] }])).toEqual([-3, 4])
  expect(rangeOf([{ counts: [5], edges: [2, 2] }])).toEqual([1.5, 2.5])
  expect(rangeOf([])).toEqual([0, 1])
})

test('the middle and the tenths of the values are told', () => {
  expect(describeHistogram(even)).toEqual({ total: 4, median: 2, low: 0.4, high: 3.6 })
  expect(describeHistogram({ counts: [0], edges: [0, 1] })).toEqual({ total: 0, median: null, low: null, high: null })
})

test('an axis has round values within its range', () => {
  expect(chooseTicks([-0.31, 0.42], 4)).toEqual([-0.2, 0, 0.2, 0.4])
  expect(chooseTicks([0, 1000], 3)).toEqual([0, 500, 1000])
})

test('a few far values neither stretch the view through time nor show up at its edge', () => {
  const body = { counts: [1, 5_000, 5_000, 1], edges: [-1_000, -1, 0, 1, 1_000] }
  const range = middleRangeOf([body])
  expect(range[0]).toBeGreaterThanOrEqual(-1)
  expect(range[1]).toBeLessThanOrEqual(1)
  const shares = spreadCounts({ counts: [1, 2, 1], edges: [-9, 0, 4, 9] }, [0, 4], 4)
  expect([...shares]).toEqual([0.125, 0.125, 0.125, 0.125])
  expect(middleRangeOf([{ counts: [3], edges: [2, 2] }])).toEqual([1.5, 2.5])
})

test('the flanks of a peak keep a colour that can be seen, and each tenth is the same step', () => {
  const strengths = [1, 0.1, 0.01, 0.001, 1e-4].map((share) => heatStrength(share, 1))
  strengths.slice(1).forEach((strength, at) => expect((strengths[at] ?? 0) - strength).toBeCloseTo(0.225, 6))
  expect(strengths[0]).toBe(1)
  expect(heatStrength(1e-9, 0.5)).toBeCloseTo(0.1, 6)
  expect(heatStrength(0, 1)).toBe(0)
})
