import { expect, test } from 'vitest'
import { isIdle, judgeEnd, judgeServing } from './judge-serving.ts'

const ended = {
  state: 'starting',
  trouble: null,
  readyAt: null,
  tries: 1,
  jobState: 'failed',
  jobError: 'Exit code 1.',
} as const

test('one whose job runs may answer; one whose job waits, waits; one that is to stop is cancelled', () => {
  expect(judgeServing({ state: 'starting', launchState: 'following', jobState: 'running' })).toBe('reach')
  expect(judgeServing({ state: 'starting', launchState: 'preparing', jobState: 'submitting' })).toBe('wait')
  expect(judgeServing({ state: 'stopping', launchState: 'following', jobState: 'running' })).toBe('cancel')
  expect(judgeServing({ state: 'ready', launchState: 'over', jobState: 'failed' })).toBe('end')
  expect(judgeServing({ state: 'ready', launchState: null, jobState: null })).toBe('end')
})

test('one that ends by itself has failed, with the last that it printed', () => {
  expect(judgeEnd(ended, ['loading', 'torn weights', ' '])).toEqual({
    kind: 'ended',
    state: 'failed',
    trouble: 'torn weights',
  })
  expect(judgeEnd(ended, [])).toMatchObject({ state: 'failed', trouble: 'Exit code 1.' })
})

test('a port that is taken is tried twice more with another, and only before it was ready', () => {
  const lines = ['OSError: [Errno 98] Address already in use']
  expect(judgeEnd(ended, lines)).toEqual({ kind: 'retry' })
  expect(judgeEnd({ ...ended, tries: 3 }, lines)).toMatchObject({ state: 'failed', trouble: lines[0] })
  expect(judgeEnd({ ...ended, readyAt: 1 }, lines)).toMatchObject({ state: 'failed' })
  expect(judgeEnd({ ...ended, state: 'stopping' }, lines)).toEqual({ kind: 'ended', state: 'stopped', trouble: null })
})

test('what was stopped because it never answered has failed, what was stopped for its idleness has not', () => {
  const stopping = { ...ended, state: 'stopping', trouble: 'Why.', jobState: 'cancelled' } as const
  expect(judgeEnd(stopping, [])).toMatchObject({ state: 'failed', trouble: 'Why.' })
  expect(judgeEnd({ ...stopping, readyAt: 1 }, [])).toMatchObject({ state: 'stopped', trouble: 'Why.' })
})

test('idle is what nobody used for so long since it was ready, or since its last use', () => {
  const serving = { idleMinutes: 5, readyAt: 1_000, usedAt: null }
  expect(isIdle(serving, 300_999)).toBe(false)
  expect(isIdle(serving, 301_000)).toBe(true)
  expect(isIdle({ ...serving, usedAt: 200_000 }, 301_000)).toBe(false)
  expect(isIdle({ ...serving, idleMinutes: null }, 1e12)).toBe(false)
})
