import { expect, it } from 'vitest'
import { RecentCount, RecentTimes } from './recent.ts'

it('a count forgets what is a minute old', () => {
  const count = new RecentCount()
  count.add(5, 10_000)
  count.add(7, 40_000)
  expect(count.sum(40_500)).toBe(12)
  expect(count.sum(69_999)).toBe(12)
  expect(count.sum(70_000)).toBe(7)
  expect(count.sum(1_000_000)).toBe(0)
})

it('a count outlives a clock that is set back', () => {
  const count = new RecentCount()
  count.add(5, 1_000_000)
  count.add(1, 10_000)
  expect(count.sum(10_000)).toBe(1)
})

it('percentiles are right to within a tenth', () => {
  const times = new RecentTimes()
  expect(times.percentile(0.5, 0)).toBeNull()
  for (let ms = 1; ms <= 1_000; ms += 1) times.add(ms, 5_000)
  expect(times.percentile(0.5, 5_000)).toBeGreaterThan(450)
  expect(times.percentile(0.5, 5_000)).toBeLessThan(550)
  expect(times.percentile(0.99, 5_000)).toBeGreaterThan(900)
  expect(times.percentile(0.99, 5_000)).toBeLessThan(1_090)
  expect(times.percentile(0.99, 65_000)).toBeNull()
})

it('a time of nothing and a time without end have their place, too', () => {
  const times = new RecentTimes()
  times.add(0, 0)
  expect(times.percentile(0.5, 0)).toBeLessThan(0.1)
  times.add(Infinity, 0)
  expect(times.percentile(0.99, 0)).toBeGreaterThan(100_000)
})
