import { expect, it } from 'vitest'
import { correctTime, measureLead } from './foreign-clock.ts'

it('a clock that can be right is right, however long its answer took', () => {
  expect(measureLead(1_000, { askedAt: 1_000_400, answeredAt: 1_000_500 })).toBe(0)
  expect(measureLead(1_000, { askedAt: 990_000, answeredAt: 1_030_000 })).toBe(0)
  expect(measureLead(Number.NaN, { askedAt: 0, answeredAt: 0 })).toBe(0)
})

it('one that cannot leads, or is behind, by about so much', () => {
  expect(measureLead(4_600, { askedAt: 1_000_000, answeredAt: 1_000_200 })).toBe(3_600_399.5)
  expect(measureLead(4_600, { askedAt: 8_200_000, answeredAt: 8_200_200 })).toBe(-3_599_600.5)
  expect(correctTime(4_600_000, 3_599_800)).toBe(1_000_200)
  expect(correctTime(null, 5)).toBeNull()
})
