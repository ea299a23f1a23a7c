import { expect, it } from 'vitest'
import { findReached } from './judge-budget.ts'
import { isSteady } from './judge-clock.ts'

const thresholds = [50, 80, 100]

it('what is reached and was not told of is told, the lowest first', () => {
  expect(findReached({ amount: 10, thresholds, spent: 4.99 }, [])).toEqual([])
  expect(findReached({ amount: 10, thresholds, spent: 5 }, [])).toEqual([50])
  expect(findReached({ amount: 10, thresholds, spent: 12 }, [50])).toEqual([80, 100])
  expect(findReached({ amount: 10, thresholds, spent: 12 }, thresholds)).toEqual([])
})

it('a clock is believed as long as it goes as fast as time does', () => {
  const look = (wallMs: number, steadyMs: number) => ({ wallMs, steadyMs })
  const hour = 3_600_000
  expect(isSteady(null, look(5, 0))).toBe(true)
  expect(isSteady(look(0, 0), look(60_400, 60_000))).toBe(true)
  expect(isSteady(look(0, 0), look(hour, 60_000))).toBe(false)
  expect(isSteady(look(hour, 0), look(0, 60_000))).toBe(false)
  expect(isSteady(look(hour, 60_000), look(hour + 60_000, 120_000))).toBe(true)
})
