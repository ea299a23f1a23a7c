import { expect, it } from 'vitest'
import shared from '../../../python/tests/schedule_cases.json' with { type: 'json' }
import { checkpointPolicy } from './checkpoint-policy.ts'
import { schedule, scheduleState } from './schedule.ts'

const linear = { kind: 'linear', to: 0, over: { steps: 10 } }

it('what is left out has its value: it begins at once, from what is there, at every step', () => {
  expect(schedule.parse({ key: 'lr', shape: linear })).toEqual({
    key: 'lr',
    start: { at: 'now' },
    shape: { kind: 'linear', from: null, to: 0, over: { steps: 10 } },
    every: 1,
  })
  const condition = { metric: 'val_loss', is: 'noImprovement', points: 3 }
  expect(
    schedule.parse({ key: 'lr', start: { at: 'metric', condition }, shape: { kind: 'set', to: 'adam' } }).start,
  ).toEqual({
    at: 'metric',
    condition: { ...condition, goal: 'minimize' },
  })
})

it('what Python and the page are tested with is what may be sent', () => {
  for (const { schedule: one, end } of shared.cases) {
    expect(schedule.parse(one)).toEqual(one)
    expect(scheduleState.parse(end)).toEqual(end)
  }
})

it('a schedule that says too little, too much or no number is refused', () => {
  const refused = [
    { shape: { ...linear, over: {} } },
    { shape: { ...linear, over: { steps: 10, epochs: 1 } } },
    { shape: { ...linear, over: { steps: 0 } } },
    { shape: { ...linear, to: 'high' } },
    { shape: { ...linear, to: Number.NaN } },
    { shape: { kind: 'warmup', to: 1, over: { steps: 10 } } },
    { shape: { kind: 'spiral', to: 1, over: { steps: 10 } } },
    { shape: linear, every: 0 },
    { shape: linear, start: { at: 'step' } },
    { shape: linear, start: { at: 'step', value: -1 } },
    { shape: linear, start: { at: 'metric', condition: { metric: 'loss', is: 'below' } } },
    { shape: linear, start: { at: 'metric', condition: { metric: 'loss', is: 'above', value: 1, points: 0 } } },
    { shape: linear, key: '' },
  ]
  for (const part of refused)
    expect(schedule.safeParse({ key: 'lr', ...part }).success, JSON.stringify(part)).toBe(false)
})

it('a policy of checkpoints has whole and positive counts', () => {
  expect(checkpointPolicy.parse({})).toEqual({})
  for (const bad of [
    { last: 0 },
    { last: 1.5 },
    { everySteps: 0 },
    { best: { metric: 'loss', goal: 'min', count: 1 } },
    { kinds: ['old'] },
  ]) {
    expect(checkpointPolicy.safeParse(bad).success, JSON.stringify(bad)).toBe(false)
  }
})
