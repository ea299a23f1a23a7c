import { expect, it } from 'vitest'
import { formatCount, formatDuration, formatValue } from './format-value.ts'

it.each([
  [0, '0 ms'],
  [180, '180 ms'],
  [4_240, '4.2 s'],
  [59_960, '1 m 00 s'],
  [69_000, '1 m 09 s'],
  [7_500_000, '2 h 05 m'],
  [273_600_000, '3 d 4 h'],
  [null, '–'],
  [-5, '–'],
  [Number.NaN, '–'],
])('a duration of %s ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

it.each([
  [0, '0'],
  [2.345_678, '2.346'],
  [0.000_123_4, '1.23e-4'],
  [1_234_567, '1.23e+6'],
  [99.999_9, '100'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '−∞'],
  [null, '–'],
])('a value of %s reads %s', (value, text) => {
  expect(formatValue(value)).toBe(text)
})

it('groups the thousands of a count', () => {
  expect([formatCount(999), formatCount(12_345), formatCount(1_234_567), formatCount(null)]).toEqual([
    '999',
    '12\u202F345',
    '1\u202F234\u202F567',
    '–',
  ])
})
