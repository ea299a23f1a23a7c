import { expect, it } from 'vitest'
import type { Parameter } from '@pilothouse/contract'
import { waitingSchedule } from '@pilothouse/signals'
import { assumePace, readSchedule, type ScheduleDraft, type ScheduleSetting } from './schedule-draft.ts'

const lr: Parameter = {
  key: 'lr',
  type: 'number',
  min: 1e-6,
  max: 0.1,
  step: null,
  log: true,
  choices: [],
  unit: null,
  description: null,
  value: 0.01,
  revision: 1,
  changedAt: 0,
  pending: null,
}
const now = { step: 100, epoch: null, timeMs: 1_000_000, value: 0.01 }
const setting: ScheduleSetting = { parameter: lr, others: [], now, metrics: [] }
const plain: ScheduleDraft = {
  key: 'lr',
  at: 'now',
  step: '',
  epoch: '',
  time: '',
  metric: 'loss',
  is: 'below',
  limit: '',
  points: '1',
  kind: 'linear',
  from: '',
  to: '1e-4',
  length: '500',
  unit: 'steps',
}

it('fields come to a schedule, minutes in ms', () => {
  expect(readSchedule(plain, setting)).toEqual({
    schedule: {
      key: 'lr',
      start: { at: 'now' },
      shape: { kind: 'linear', from: null, to: 1e-4, over: { steps: 500 } },
      every: 1,
    },
    faults: {},
  })
  const warm = { ...plain, kind: 'warmup' as const, from: '1e-5', to: '0,05', length: '2', unit: 'minutes' as const }
  expect(readSchedule(warm, setting).schedule?.shape).toEqual({
    kind: 'warmup',
    from: 1e-5,
    to: 0.05,
    over: { ms: 120_000 },
  })
})

it('what is missing, and what makes no sense for the parameter, is told at its field', () => {
  expect(readSchedule({ ...plain, to: '', at: 'step' }, setting)).toEqual({
    schedule: undefined,
    faults: { 'shape.to': 'A number is expected.', 'start.value': 'A step is expected.' },
  })
  expect(readSchedule({ ...plain, at: 'step', step: '50', to: '2' }, setting).faults).toEqual({
    'start.value': 'A step that has not passed: 100 or later is expected.',
    'shape.to': 'A number from 0.000001 to 0.1 is expected.',
  })
  expect(readSchedule({ ...plain, at: 'epoch', epoch: '3' }, setting).faults['start.at']).toContain('no epochs')
  expect(readSchedule({ ...plain, at: 'metric', limit: '', points: '0' }, setting).faults).toEqual({
    'start.condition.value': 'A number is expected.',
    'start.condition.points': 'A whole number, 1 or more, is expected.',
  })
})

it('a metric that does not improve is looked at by its own goal', () => {
  const wait = { ...plain, at: 'metric' as const, metric: 'val/accuracy', is: 'noImprovement' as const, points: '5' }
  expect(readSchedule(wait, setting).schedule?.start).toEqual({
    at: 'metric',
    condition: { metric: 'val/accuracy', is: 'noImprovement', goal: 'maximize', points: 5 },
  })
})

it('a second schedule of the same time is a conflict, one behind it is none', () => {
  const { schedule } = readSchedule(plain, setting)
  const others = schedule ? [{ schedule, state: { ...waitingSchedule, startStep: 100 } }] : []
  expect(readSchedule(plain, { ...setting, others }).faults['schedule']).toContain('will move lr already')
  expect(readSchedule({ ...plain, at: 'step', step: '600' }, { ...setting, others }).faults).toEqual({})
})

it('the pace is taken from totals, else from how far it has come', () => {
  const progress = {
    fraction: null,
    step: 50,
    totalSteps: 300,
    epoch: 0.5,
    totalEpochs: 3,
    stepsPerSecond: 2,
    etaMs: null,
    at: 0,
  }
  const assumed = assumePace({ progress }, 1, 7)
  expect(assumed).toEqual({ now: { step: 50, epoch: 0.5, timeMs: 7, value: 1 }, stepsPerSecond: 2, stepsPerEpoch: 100 })
  expect(assumePace({ progress: { ...progress, totalSteps: null } }, 1, 7).stepsPerEpoch).toBe(100)
  expect(assumePace({ progress: null }, 1, 7)).toMatchObject({ stepsPerSecond: null, stepsPerEpoch: null })
})
