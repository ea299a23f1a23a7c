import type { ParameterValue, Schedule, ScheduleState } from '@pilothouse/contract'
import { scheduleTransitions } from '@pilothouse/contract/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
// What Python is held against, too.
import shared from '../../../../python/tests/schedule_cases.json' with { type: 'json' }
import { advanceSchedule, cancelSchedule, endByChange, waitingSchedule } from './advance-schedule.ts'
import { type MovingShape, type ScheduledParameter, isOtherValue, roundToParameter, valueAt } from './schedule-value.ts'

const free: ScheduledParameter = { type: 'number', min: null, max: null }
const same = (one: ParameterValue | null, other: ParameterValue | null): boolean =>
  one === null || other === null ? one === other : !isOtherValue(one, other)

type Point = {
  step: number
  set: ParameterValue | null
  phase: string
  epoch?: number
  timeMs?: number
  metrics?: [string, number, number][]
  order?: string
  to?: ParameterValue
}

it('comes to the values and phases that Python comes to', () => {
  for (const { name, schedule, parameter, value: first, points, end } of shared.cases) {
    let state: ScheduleState = waitingSchedule
    let value: ParameterValue = first
    for (const { order, to, ...point } of points as Point[]) {
      if (order === 'cancel') state = cancelSchedule(state)
      if (order === 'change') {
        state = endByChange(state)
        value = to ?? Number.NaN
      }
      const { step, epoch = null, timeMs = step * 1_000 } = point
      const metrics = Object.fromEntries(
        (point.metrics ?? []).map(([key, at, newest]) => [key, { step: at, value: newest }]),
      )
      const from = state.phase
      const moved = advanceSchedule(schedule as Schedule, parameter as ScheduledParameter, state, {
        step,
        epoch,
        timeMs,
        value,
        metrics,
      })
      state = moved.state
      value = moved.set ?? value
      expect(same(moved.set, point.set), `${name}, step ${step}: ${moved.set ?? 'nothing'}`).toBe(true)
      expect(state.phase, `${name}, step ${step}`).toBe(point.phase)
      expect(
        state.phase === from || scheduleTransitions[from].includes(state.phase),
        `${name}: ${from} to ${state.phase}`,
      ).toBe(true)
    }
    expect({ ...state, from: null, value: null, best: null }).toEqual({ ...end, from: null, value: null, best: null })
    expect(same(state.from, end.from) && same(state.value, end.value) && same(state.best, end.best), name).toBe(true)
  }
})

it('values between the ends are those that Python has', () => {
  for (const { shape, from, step, value } of shared.values) {
    const origin = { startStep: 0, startEpoch: 0, startMs: 0, from }
    const found = valueAt(shape as MovingShape, origin, { step, epoch: null, timeMs: 0 })
    expect(same(found, value), `${shape.kind} ${from} ${step}: ${found}`).toBe(true)
  }
  for (const { parameter, value, rounded } of shared.roundings) {
    expect(
      same(roundToParameter(value, parameter as ScheduledParameter), rounded),
      JSON.stringify({ parameter, value }),
    ).toBe(true)
  }
})

/** The values that are set at steps 0, 1, 2 … of a schedule that begins at once. */
function play(shape: Schedule['shape'], steps: readonly number[], value = 0.1): (ParameterValue | null)[] {
  let state: ScheduleState = waitingSchedule
  const schedule: Schedule = { key: 'lr', start: { at: 'now' }, shape, every: 1 }
  return steps.map((step) => {
    const moved = advanceSchedule(schedule, free, state, { step, epoch: null, timeMs: 0, value, metrics: {} })
    state = moved.state
    return moved.set
  })
}

it('the forms are those that everybody knows by these names', () => {
  const over = { steps: 4 }
  expect(play({ kind: 'linear', from: 0, to: 8, over }, [0, 1, 2, 3, 4, 5])).toEqual([0, 2, 4, 6, 8, null])
  expect(play({ kind: 'exponential', from: 16, to: 1, over }, [0, 1, 2, 3, 4])).toEqual([16, 8, 4, 2, 1])
  const cosine = play({ kind: 'cosine', from: 1, to: 0, over }, [0, 1, 2, 3, 4])
  const half = Math.SQRT1_2 / 2
  for (const [at, value] of [1, 0.5 + half, 0.5, 0.5 - half, 0].entries()) expect(cosine[at]).toBeCloseTo(value, 12)
  expect(play({ kind: 'warmup', from: 0, to: 1, over }, [0, 2, 4, 400])).toEqual([0, 0.5, 1, null])
  expect(play({ kind: 'set', to: 3 }, [0, 1])).toEqual([3, null])
})

it('what a rollback takes back comes again: the values of a step do not depend on how often it was reached', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 })
  const schedule: Schedule = {
    key: 'lr',
    start: { at: 'step', value: 10 },
    shape: { kind: 'linear', from: 1, to: 3, over: { steps: 20 } },
    every: 1,
  }
  fc.assert(
    fc.property(steps, (visited) => {
      let state: ScheduleState = waitingSchedule
      let value: ParameterValue = 0
      for (const step of visited) {
        const moved = advanceSchedule(schedule, free, state, { step, epoch: null, timeMs: 0, value, metrics: {} })
        state = moved.state
        value = moved.set ?? value
        if (step >= 10 && step < 30) expect(value).toBeCloseTo(1 + (step - 10) / 10, 12)
        expect(state.phase).toBe(step < 10 ? 'waiting' : step < 30 ? 'active' : 'done')
      }
    }),
    { seed: 5 },
  )
})

it('a moment without a step says nothing, and a given state is never changed', () => {
  const schedule: Schedule = { key: 'lr', start: { at: 'now' }, shape: { kind: 'set', to: 1 }, every: 1 }
  const frozen = Object.freeze({ ...waitingSchedule })
  const now = { epoch: null, timeMs: 0, value: 0.1, metrics: {} }
  expect(advanceSchedule(schedule, free, frozen, { step: Number.NaN, ...now })).toEqual({ state: frozen, set: null })
  expect(advanceSchedule(schedule, free, frozen, { step: 1, ...now }).state.phase).toBe('done')
  expect(frozen.phase).toBe('waiting')
  const lost = advanceSchedule(schedule, free, frozen, { ...now, step: 1, value: Number.NaN })
  expect(lost.state.phase).toBe('done')
  const moving: Schedule = { ...schedule, shape: { kind: 'linear', from: null, to: 1, over: { steps: 2 } } }
  expect(advanceSchedule(moving, free, frozen, { ...now, step: 1, value: Number.NaN }).state.reason).toBe('notFinite')
})
