import { expect, it } from 'vitest'
import { findPeriod } from './budget-period.ts'

const at = Date.UTC(2026, 11, 2, 23, 30) // a Wednesday
const read = (period: Parameters<typeof findPeriod>[0], offset = 0) => {
  const { from, until } = findPeriod(period, at, offset)
  return [new Date(from).toISOString(), until === null ? null : new Date(until).toISOString()]
}

it('days, weeks from Monday and months have their begin and end', () => {
  expect(read('day')).toEqual(['2026-12-02T00:00:00.000Z', '2026-12-03T00:00:00.000Z'])
  expect(read('week')).toEqual(['2026-11-30T00:00:00.000Z', '2026-12-07T00:00:00.000Z'])
  expect(read('month')).toEqual(['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'])
  expect(read('total')).toEqual(['1970-01-01T00:00:00.000Z', null])
})

it('where it is later, the next day has begun', () => {
  expect(read('day', 60)).toEqual(['2026-12-02T23:00:00.000Z', '2026-12-03T23:00:00.000Z'])
  expect(read('day', -600)).toEqual(['2026-12-02T10:00:00.000Z', '2026-12-03T10:00:00.000Z'])
})
