import { expect, test } from 'vitest'
import { jobStates } from '@pilothouse/contract/wire'
import { describeSilence, isLost } from './silence.ts'

const vigil = {
  state: 'running',
  heardAt: 0,
  startedAt: 0,
  now: 700_000,
  lostAfterMs: 600_000,
  knownToTarget: false,
} as const

test('a running job that was not heard for a while is said to be silent', () => {
  expect(describeSilence(0, 40_000, 'running')).toBe('no report for 40 s')
  expect(describeSilence(0, 125_000, 'paused')).toBe('no report for 2 m 5 s')
})

test('nothing is said of a job heard lately, never heard, or ended', () => {
  expect(describeSilence(0, 29_999, 'running')).toBeNull()
  expect(describeSilence(null, 40_000, 'running')).toBeNull()
  expect(describeSilence(0, 40_000, 'completed')).toBeNull()
})

test('a live job is lost after the time set, and not before', () => {
  expect(isLost(vigil)).toBe(true)
  expect(isLost({ ...vigil, now: 600_000 })).toBe(false)
})

test('a job that its target still knows is never lost', () => {
  expect(isLost({ ...vigil, knownToTarget: true })).toBe(false)
})

test('a job never heard is measured from its start', () => {
  expect(isLost({ ...vigil, heardAt: null, startedAt: 50_000 })).toBe(true)
  expect(isLost({ ...vigil, heardAt: null, startedAt: 200_000 })).toBe(false)
  expect(isLost({ ...vigil, heardAt: null, startedAt: null })).toBe(false)
})

test('only live jobs are lost', () => {
  const lost = jobStates.filter((state) => isLost({ ...vigil, state }))
  expect(lost).toEqual(['running', 'paused'])
})
