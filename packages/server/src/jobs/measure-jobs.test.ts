import { expect, it } from 'vitest'
import { isStale } from './measure-jobs.ts'

const minute = 60_000

it.each([
  ['a job never measured', { state: 'running', heard_ms: 1, measured_ms: null }, 2, true],
  ['a job that goes on, soon after', { state: 'running', heard_ms: 5, measured_ms: 1 }, 9 * minute, false],
  ['a job that goes on, later', { state: 'running', heard_ms: 9 * minute, measured_ms: 1 }, 11 * minute, true],
  ['a job that ended after it was measured', { state: 'completed', heard_ms: 5, measured_ms: 1 }, 6, true],
  ['a job that ended before it was measured', { state: 'completed', heard_ms: 5, measured_ms: 6 }, 9, false],
  ['a job that was compacted meanwhile', { state: 'failed', heard_ms: 5, measured_ms: 6 }, 2 * minute, true],
  ['a job that has settled', { state: 'failed', heard_ms: 5, measured_ms: 2 * minute }, 99 * minute, false],
] as const)('%s: measured again or not', (_name, look, now, expected) => {
  expect(isStale(look, now)).toBe(expected)
})
