import { expect, test } from 'vitest'
import { formatGap, formatLogTime, formatSinceStart } from './format-log-time.ts'

test('the time since the start has hours, minutes, seconds and tenths', () => {
  expect([0, 49, 1_250, 247_300, 36_000_000, 360_000_000].map(formatSinceStart)).toEqual([
    '0:00:00.0',
    '0:00:00.0',
    '0:00:01.2',
    '0:04:07.3',
    '10:00:00.0',
    '100:00:00.0',
  ])
  expect([-1_500, -3].map(formatSinceStart)).toEqual(['−0:00:01.5', '0:00:00.0'])
})

test('the time since the line before has about three digits', () => {
  expect([0, 12.4, 999.4, 999.6, 1_254, 12_345, 123_000].map(formatGap)).toEqual([
    '+0 ms',
    '+12 ms',
    '+999 ms',
    '+1.00 s',
    '+1.25 s',
    '+12.3 s',
    '+2 m 3 s',
  ])
  expect([-5, -0.2].map(formatGap)).toEqual(['−5 ms', '+0 ms'])
})

test('a line without a known predecessor says no gap', () => {
  const line = { time: 5_000, origin: 1_000, before: undefined }
  expect(formatLogTime('before', line)).toBe('')
  expect(formatLogTime('off', line)).toBe('')
  expect(formatLogTime('start', line)).toBe('0:00:04.0')
  expect(formatLogTime('before', { ...line, before: 4_400 })).toBe('+600 ms')
})
