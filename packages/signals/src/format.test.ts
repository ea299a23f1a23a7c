import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatRate, formatRelativeTime, formatValue } from './format.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

test.each([
  [0, '0 s'],
  [420, '0.4 s'],
  [949, '0.9 s'],
  [950, '1 s'],
  [40 * second, '40 s'],
  [59.6 * second, '1 m'],
  [3 * minute + 12 * second, '3 m 12 s'],
  [59 * minute + 59.7 * second, '1 h'],
  [2 * hour + 14 * minute, '2 h 14 m'],
  [2 * hour + 14 * minute + 40 * second, '2 h 15 m'],
  [23 * hour + 59.6 * minute, '1 d'],
  [76 * hour, '3 d 4 h'],
  [Number.NaN, '–'],
  [Number.POSITIVE_INFINITY, '–'],
  [-1, '–'],
])('a duration of %d ms reads «%s»', (duration, text) => {
  expect(formatDuration(duration)).toBe(text)
})

test.each([
  [0, '0'],
  [6120, '6120'],
  [-6120, '-6120'],
  [10_000, '10\u202f000'],
  [1_250_000, '1\u202f250\u202f000'],
  [-1_250_000, '-1\u202f250\u202f000'],
  [2.6, '3'],
  [-0.2, '0'],
  [1e22, '1e22'],
  [Number.NaN, 'NaN'],
])('a count of %d reads «%s»', (count, text) => {
  expect(formatCount(count)).toBe(text)
})

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1024 * 1023.7, '1 MiB'],
  [23.4 * 1024 ** 3, '23.4 GiB'],
  [816 * 1024 ** 2, '816 MiB'],
  [-2048, '-2 KiB'],
  [Number.NaN, '–'],
])('%d bytes read «%s»', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  [0, '0'],
  [-0, '0'],
  [1.8423, '1.842'],
  [0.713, '0.713'],
  [0.69, '0.69'],
  [2.1e-4, '2.1e-4'],
  [0.0012, '0.0012'],
  [0.000_999_99, '0.001'],
  [-3.141_59, '-3.142'],
  [12.345_6, '12.35'],
  [999.94, '999.9'],
  [999.96, '1000'],
  [1234.5, '1235'],
  [20_000, '20\u202f000'],
  [123_456.7, '123\u202f457'],
  [999_999.4, '999\u202f999'],
  [999_999.6, '1e6'],
  [1_234_567, '1.235e6'],
  [-1.5e-12, '-1.5e-12'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '∞'],
  [Number.NEGATIVE_INFINITY, '-∞'],
])('the value %d reads «%s»', (value, text) => {
  expect(formatValue(value)).toBe(text)
})

test.each([
  [41.84, 'sample', '41.8 samples/s'],
  [0, 'step', '0 steps/s'],
  [1, 'step', '1 steps/s'],
  [0.42, 'step', '2.38 s/step'],
  [0.005, 'step', '200 s/step'],
  [12_345, 'token', '12\u202f345 tokens/s'],
  [Number.NaN, 'step', '–'],
])('%d a second of «%s» reads «%s»', (rate, unit, text) => {
  expect(formatRate(rate, unit)).toBe(text)
})

test.each([
  [0, 'just now'],
  [-4 * second, 'just now'],
  [40 * second, '40 s ago'],
  [5.9 * minute, '5 m ago'],
  [3 * hour, '3 h ago'],
  [-5 * minute, 'in 5 m'],
])('%d ms ago reads «%s»', (age, text) => {
  const now = 1_700_000_000_000
  expect(formatRelativeTime(now - age, now)).toBe(text)
})

test('from a day on a time is a date', () => {
  const at = new Date(2026, 2, 1, 14, 5).getTime()
  expect(formatRelativeTime(at, at + 25 * hour)).toBe('2026-03-01 14:05')
})

test('a value keeps four significant digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
      const read = Number(formatValue(value).replaceAll('\u202f', ''))
      expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 5.1e-4)
      expect(formatValue(value).length).toBeLessThanOrEqual(11)
    }),
  )
})
