import type { ParameterValue, Schedule, ScheduleState } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { advanceSchedule, waitingSchedule } from './advance-schedule.ts'
import { previewSchedule } from './preview-schedule.ts'
import type { ScheduledParameter } from './schedule-value.ts'

const free: ScheduledParameter = { type: 'number', min: null, max: null }
const now = { step: 100, epoch: 2, timeMs: 0, value: 0.1 }
const rates = { now, stepsPerSecond: 10, stepsPerEpoch: 40 }
const of = (start: Schedule['start'], shape: Schedule['shape'], every = 1): Schedule => ({
  key: 'lr',
  start,
  shape,
  every,
})

it('what it draws is what the training does, at every step', () => {
  const shapes: Schedule['shape'][] = [
    { kind: 'set', to: 3 },
    { kind: 'linear', from: null, to: 0, over: { steps: 20 } },
    { kind: 'cosine', from: 1, to: 0.2, over: { epochs: 0.5 } },
    { kind: 'exponential', from: null, to: 1e-4, over: { ms: 2_000 } },
    { kind: 'warmup', from: 0, to: 1, over: { steps: 7 } },
  ]
  const starts: Schedule['start'][] = [
    { at: 'now' },
    { at: 'step', value: 110 },
    { at: 'epoch', value: 2.25 },
    { at: 'time', value: 1_000 },
  ]
  const parameters = [free, { type: 'integer' as const, min: 0, max: 2 }]
  for (const shape of shapes)
    for (const start of starts)
      for (const every of [1, 4])
        for (const parameter of parameters) {
          const schedule = of(start, shape, every)
          const preview = previewSchedule(schedule, parameter, { from: 100, to: 150, points: 51 }, rates)
          let state: ScheduleState = waitingSchedule
          let value: ParameterValue = now.value
          preview.steps.forEach((step, at) => {
            const moment = { step, epoch: 2 + (step - 100) / 40, timeMs: ((step - 100) / 10) * 1_000 }
            const moved = advanceSchedule(schedule, parameter, state, { ...moment, value, metrics: {} })
            state = moved.state
            value = moved.set ?? value
            expect(preview.values[at], JSON.stringify({ schedule, step })).toBeCloseTo(Number(value), 9)
          })
          expect(state.phase).toBe('done')
        }
})

it('says where it begins and ends, and that it cannot where too little is known', () => {
  const shape: Schedule['shape'] = { kind: 'linear', from: null, to: 0, over: { epochs: 2 } }
  const range = { from: 100, to: 300, points: 5 }
  const found = previewSchedule(of({ at: 'epoch', value: 3 }, shape), free, range, rates)
  expect(found).toMatchObject({ startStep: 140, endStep: 220, steps: [100, 150, 200, 250, 300] })
  for (const [at, value] of [0.1, 0.0875, 0.025, 0, 0].entries()) expect(found.values[at]).toBeCloseTo(value, 12)
  const unknown = previewSchedule(of({ at: 'epoch', value: 3 }, shape), free, range, { ...rates, stepsPerEpoch: null })
  expect(unknown).toMatchObject({ startStep: null, endStep: null, values: [0.1, 0.1, 0.1, 0.1, 0.1] })
  const condition = { metric: 'loss', is: 'below', value: 1, points: 1 } as const
  const watching = of({ at: 'metric', condition }, { kind: 'set', to: 1 })
  expect(previewSchedule(watching, free, range, rates).startStep).toBeNull()
  expect(previewSchedule(watching, free, range, { ...rates, conditionStep: 200 }).values).toEqual([0.1, 0.1, 1, 1, 1])
  const slow = previewSchedule(
    of({ at: 'now' }, { kind: 'linear', from: null, to: 0, over: { ms: 1_000 } }),
    free,
    range,
    { ...rates, stepsPerSecond: null },
  )
  expect(slow).toMatchObject({ startStep: 100, endStep: null })
  expect(
    previewSchedule(of({ at: 'now' }, { kind: 'set', to: 1 }), free, { ...range, points: 0 }, rates).steps,
  ).toEqual([100, 300])
})
