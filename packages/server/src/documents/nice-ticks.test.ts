import { expect, test } from 'vitest'
import { durationSteps } from '@pilothouse/signals'
import { niceTicks } from './nice-ticks.ts'

test.each([
  [
    [0, 10],
    [0, 2, 4, 6, 8, 10],
  ],
  [
    [0, 1],
    [0, 0.2, 0.4, 0.6, 0.8, 1],
  ],
  [
    [0.07, 0.43],
    [0.1, 0.2, 0.3, 0.4],
  ],
  [
    [-1.3, 1.3],
    [-1, 0, 1],
  ],
  [
    [1e-7, 5e-7],
    [1e-7, 2e-7, 3e-7, 4e-7, 5e-7],
  ],
  [
    [0, 1e6],
    [0, 200_000, 400_000, 600_000, 800_000, 1_000_000],
  ],
])('%j is labelled at %j', (range, ticks) => {
  expect(niceTicks(range as [number, number], { count: 5 })).toEqual(ticks)
})

test('an axis with steps of its own keeps to them', () => {
  const hour = 3_600_000
  expect(niceTicks([0, 5 * hour], { count: 5, steps: durationSteps })).toEqual([0, 1, 2, 3, 4, 5].map((n) => n * hour))
})

test('a range that cannot be divided has its ends', () => {
  expect(niceTicks([3, 3], { count: 5 })).toEqual([3])
  expect(niceTicks([1e16, 1e16 + 2], { count: 5 })).toEqual([1e16, 1e16 + 2])
  expect(niceTicks([-Number.MAX_VALUE, Number.MAX_VALUE], { count: 5 }).length).toBeLessThan(8)
  expect(niceTicks([0, 5e-324], { count: 5 }).length).toBeLessThan(8)
  expect(niceTicks([Number.NaN, 1], { count: 5 })).toEqual([])
})
