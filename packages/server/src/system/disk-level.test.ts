import { expect, it } from 'vitest'
import { judgeDisk } from './disk-level.ts'

const giga = 1_000_000_000

it('a large disk is low when little is left, a small one when its share is small', () => {
  expect(judgeDisk(2_000 * giga, 6 * giga)).toBe('ok')
  expect(judgeDisk(2_000 * giga, 4 * giga)).toBe('low')
  expect(judgeDisk(2_000 * giga, 0.9 * giga)).toBe('critical')
  expect(judgeDisk(10 * giga, 1.1 * giga)).toBe('ok')
  expect(judgeDisk(10 * giga, 0.9 * giga)).toBe('low')
  expect(judgeDisk(10 * giga, 0.1 * giga)).toBe('critical')
})
