import { expect, test } from 'vitest'
import { holdAxis, holdEnd, holdMoving } from './hold-scale.ts'

test('a window that grows gets room ahead, and stands until that is used up', () => {
  const first = holdEnd(undefined, { min: 0, max: 1_000 })
  expect(first).toEqual({ min: 0, max: 1_000 })
  const grown = holdEnd(first, { min: 0, max: 1_001 })
  expect(grown.max).toBeCloseTo(1_011.01)
  for (const max of [1_001, 1_005, 1_011]) expect(holdEnd(grown, { min: 0, max })).toBe(grown)
  expect(holdEnd(grown, { min: 0, max: 1_012 }).max).toBeGreaterThan(1_022)
})

test('what shows something else is as it is', () => {
  const held = { min: 0, max: 1_000 }
  for (const points of [
    { min: 5, max: 1_001 },
    { min: 0, max: 400 },
    { min: 0, max: 90_000 },
  ])
    expect(holdEnd(held, points)).toBe(points)
})

test('a frame moves in strides, with its length', () => {
  const first = holdMoving(undefined, { min: 100, max: 200 })
  const moved = holdMoving(first, { min: 100.5, max: 200.5 })
  expect([moved.min, moved.max]).toEqual([101.5, 201.5])
  expect(holdMoving(moved, { min: 101, max: 201 })).toBe(moved)
  expect(holdMoving(moved, { min: 102, max: 202 }).max).toBeCloseTo(203)
  // Another length, or another place.
  for (const other of [
    { min: 0, max: 201 },
    { min: 900, max: 1_000 },
    { min: 20, max: 120 },
  ])
    expect(holdMoving(moved, other)).toBe(other)
})

test('an axis stays while it would hardly move, and always has its values on it', () => {
  const held = holdAxis(undefined, { min: 0.94, max: 2.06 }, false)
  expect(holdAxis(held, { min: 0.92, max: 2.05 }, false)).toBe(held)
  const lower = { min: 0.8, max: 2.06 }
  expect(holdAxis(held, lower, false)).toBe(lower)
  const decades = { min: 0.001, max: 1 }
  expect(holdAxis(decades, { min: 0.00102, max: 1 }, true)).toBe(decades)
  expect(holdAxis(decades, { min: 0.002, max: 1 }, true)).toEqual({ min: 0.002, max: 1 })
  // From a linear axis that reached below zero.
  expect(holdAxis({ min: -1, max: 1 }, decades, true)).toBe(decades)
})
