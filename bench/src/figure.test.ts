import { expect, it } from 'vitest'
import { makeFigure, measureExcess, takePercentile } from './figure.ts'

const measured = { id: 'P1', what: 'acknowledgement p99', value: 500, unit: 'ms' }

it('a figure is within its budget or not', () => {
  expect(makeFigure({ ...measured, atMost: 250 })).toEqual({ ...measured, budget: '≤ 250', ok: false })
  expect(makeFigure({ ...measured, atLeast: 250 })).toEqual({ ...measured, budget: '≥ 250', ok: true })
  expect(makeFigure({ ...measured, informs: true })).toEqual({ ...measured, budget: null, ok: true })
})

it('says how many times off a figure is, in both directions', () => {
  expect(measureExcess(makeFigure({ ...measured, atMost: 250 }))).toBe(2)
  expect(measureExcess(makeFigure({ ...measured, atLeast: 2_000 }))).toBe(4)
  expect(measureExcess(makeFigure({ ...measured, informs: true }))).toBe(0)
})

it('takes percentiles of unsorted samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 99 - index)
  expect([takePercentile(samples, 0.5), takePercentile(samples, 0.99), takePercentile(samples, 1)]).toEqual([
    50, 99, 99,
  ])
})
