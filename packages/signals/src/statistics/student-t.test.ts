import { expect, it } from 'vitest'
import { studentQuantile, studentTail } from './student-t.ts'

it('quantiles are those of the printed tables', () => {
  for (const [freedom, tail, value] of [
    [1, 0.05, 12.7062],
    [2, 0.05, 4.30265],
    [5, 0.01, 4.03214],
    [10, 0.05, 2.22814],
    [30, 0.1, 1.69726],
    [1_000_000, 0.05, 1.95997],
  ] as const) {
    expect(studentQuantile(tail, freedom)).toBeCloseTo(value, 4)
    expect(studentTail(value, freedom)).toBeCloseTo(tail, 6)
  }
})

it('with one degree of freedom it is the distribution of Cauchy', () => {
  for (const size of [0.1, 1, 3, 100]) expect(studentTail(size, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(size), 12)
})

it('nothing is certain, everything is rare, and no number is no number', () => {
  expect(studentTail(0, 3)).toBe(1)
  expect(studentTail(-Infinity, 3)).toBe(0)
  expect(studentTail(1e200, 3)).toBe(0)
  expect(studentTail(Number.NaN, 3)).toBeNaN()
})
