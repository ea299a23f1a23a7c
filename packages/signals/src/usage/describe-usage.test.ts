import { expect, it } from 'vitest'
import { diagnosisRules } from '../diagnosis/rules.ts'
import { describeUse, nameCause } from './describe-usage.ts'

it('shares are told with the jobs that they rest on, and only where they are known', () => {
  const none = { jobs: 0, share: null }
  expect(describeUse({ time: none, gpus: none, memory: none })).toEqual([])
  expect(describeUse({ time: { jobs: 12, share: 0.351 }, gpus: { jobs: 1, share: 0.2 }, memory: none })).toEqual([
    'Used 35 % of the time asked for, of 12 jobs',
    'GPUs were busy 20 % of the time, of 1 job',
  ])
})

it('every rule of the diagnosis has words', () => {
  for (const { id } of diagnosisRules) expect(nameCause(id)).toMatch(/^[\w ]+$/)
  expect(nameCause('unknown')).toBe('not known')
})
