import { instanceStatuses, jobStates } from '@pilothouse/contract/wire'
import { expect, it } from 'vitest'
import type { HealthFacts } from './health.ts'
import { healthProfiles, healthSigns } from './health-profile.ts'
import { judgeHealth } from './judge-health.ts'

const minuteMs = 60_000
const running: HealthFacts = {
  state: 'running',
  gpuUse: 60,
  idleMs: 0,
  loss: 2.3,
  lossOverBest: 1.02,
  gpuTemperature: 70,
  exitCode: null,
  ageMs: 1_000,
}

function judge(facts: Partial<HealthFacts>, name: keyof typeof healthProfiles = 'default'): string {
  const { level, word } = judgeHealth({ ...running, ...facts }, healthProfiles[name])
  return `${level} ${word}`
}

it('by the profile of the seed, good lies strictly between its bounds', () => {
  expect(judge({}, 'seed')).toBe('good ok')
  expect([judge({ gpuUse: 10 }, 'seed'), judge({ gpuUse: 10.1 }, 'seed')]).toEqual(['warning idle', 'good ok'])
  expect([judge({ gpuUse: 94.9 }, 'seed'), judge({ gpuUse: 95 }, 'seed')]).toEqual(['good ok', 'warning busy'])
  expect([judge({ loss: 9.99 }, 'seed'), judge({ loss: 10 }, 'seed')]).toEqual(['good ok', 'warning diverging'])
  expect([judge({ loss: null }, 'seed'), judge({ loss: Number.NaN }, 'seed')]).toEqual(['good ok', 'warning diverging'])
  expect([judge({ state: 'exited', exitCode: 0 }, 'seed'), judge({ state: 'stopped' }, 'seed')]).toEqual([
    'error exited',
    'error stopped',
  ])
})

it('by the default profile a saturated GPU is good and a missing loss is no fault', () => {
  expect([judge({ gpuUse: 100 }), judge({ gpuUse: 100, loss: null })]).toEqual(['good ok', 'good ok'])
  expect(judge({ gpuUse: null, loss: null })).toBe('neutral running')
})

it('by the default profile the size of a loss says nothing, its way does', () => {
  expect([judge({ loss: 400 }), judge({ lossOverBest: 1.6 }), judge({ loss: Number.NaN })]).toEqual([
    'good ok',
    'warning diverging',
    'error diverging',
  ])
})

it('a GPU is idle only after a while', () => {
  expect([judge({ gpuUse: 3, idleMs: 4 * minuteMs }), judge({ gpuUse: 3, idleMs: 5 * minuteMs })]).toEqual([
    'good ok',
    'warning idle',
  ])
})

it('an end is judged by its exit code, and a successful one is not red', () => {
  expect([0, 1, null].map((exitCode) => judge({ state: 'exited', exitCode }))).toEqual([
    'good done',
    'error failed',
    'neutral exited',
  ])
  expect([judge({ state: 'completed' }), judge({ state: 'failed' }), judge({ state: 'cancelled' })]).toEqual([
    'good done',
    'error failed',
    'neutral cancelled',
  ])
})

it('old figures are called stale with their age, and nothing else is said of them', () => {
  expect(judgeHealth({ ...running, loss: Number.NaN, ageMs: 4 * minuteMs }, healthProfiles.default)).toEqual({
    level: 'warning',
    word: 'stale',
    why: 'No news for 4 m.',
  })
  expect(judge({ state: 'completed', ageMs: 9e9 })).toBe('good done')
})

it('all that is wrong is said, the worst first', () => {
  const health = judgeHealth(
    { ...running, loss: Infinity, gpuUse: 2, idleMs: 6 * minuteMs, gpuTemperature: 91 },
    healthProfiles.default,
  )
  expect(health).toEqual({
    level: 'error',
    word: 'diverging',
    why: 'The loss is ∞. Its GPUs are at 2 %, and at most 10 % for 6 m. A GPU has 91 °C.',
  })
})

it('each state of jobs and machines has a word, and each level a sign of its own', () => {
  for (const state of [...jobStates, ...instanceStatuses]) expect(judge({ state })).toMatch(/^\w+ [a-z]+$/)
  expect(new Set(Object.values(healthSigns).flatMap(({ sign, ascii }) => [sign, ascii])).size).toBe(8)
})
