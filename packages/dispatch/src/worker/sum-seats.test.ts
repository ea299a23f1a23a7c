import { expect, test } from 'vitest'
import type { SeatView } from '../run/engine-seat.ts'
import { sumSeats } from './sum-seats.ts'

const seat = { name: '1', inFlight: 2, limit: 4, isAway: false, answered: 10, failed: 1, tokens: 50, latencyMs: 100 }

test('what several lanes do with an engine is told as one, with what is over', () => {
  const other: SeatView = { ...seat, inFlight: 1, limit: 8, isAway: true, answered: 30, latencyMs: 300 }
  const over: SeatView = { ...seat, answered: 1_000, failed: 0, tokens: 7, latencyMs: 9 }
  expect(sumSeats([seat, other], [over])).toEqual([
    { engineId: 1, inFlight: 3, limit: 12, isAway: false, answered: 1_040, failed: 2, tokens: 107, latencyMs: 250 },
  ])
})

test('an engine that no lane has any more has nothing under way, and is not away', () => {
  const over: SeatView = { ...seat, name: '2', isAway: true }
  expect(sumSeats([{ ...seat, isAway: true }], [over])).toMatchObject([
    { engineId: 1, isAway: true },
    { engineId: 2, isAway: false, inFlight: 0, limit: 0, answered: 10, latencyMs: 100 },
  ])
})
