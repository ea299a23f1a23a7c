import type { ParameterDeclaration, Schedule } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { checkSchedule } from './check-schedule.ts'

const free: ParameterDeclaration = {
  key: 'lr',
  type: 'number',
  min: null,
  max: null,
  step: null,
  log: true,
  choices: [],
  unit: null,
  description: null,
}
const now = { step: 100, epoch: 2, timeMs: 5_000, value: 0.1 }
const linear = { kind: 'linear', from: null, to: 0.5, over: { steps: 10 } } as const
const of = (part: Partial<Schedule>): Schedule => ({
  key: 'lr',
  start: { at: 'now' },
  shape: linear,
  every: 1,
  ...part,
})
const check = (part: Partial<Schedule>, parameter = free, moment: Parameters<typeof checkSchedule>[2] = now) =>
  checkSchedule(of(part), parameter, moment)

it('a schedule that can be kept has no faults', () => {
  expect(check({})).toEqual([])
  expect(check({ start: { at: 'step', value: 100 } })).toEqual([])
  expect(
    check({ start: { at: 'metric', condition: { metric: 'loss', is: 'noImprovement', goal: 'minimize', points: 3 } } }),
  ).toEqual([])
  expect(check({ shape: { kind: 'exponential', from: null, to: 1e-6, over: { ms: 1_000 } } })).toEqual([])
})

it('a start that has passed, or that never comes, is refused with the field', () => {
  expect(check({ start: { at: 'step', value: 99 } })).toEqual([
    { field: 'start.value', expected: 'a step that has not passed: 100 or later' },
  ])
  expect(check({ start: { at: 'epoch', value: 1.5 } })).toEqual([
    { field: 'start.value', expected: 'an epoch that has not passed: 2 or later' },
  ])
  expect(check({ start: { at: 'time', value: 4_999 } })).toEqual([
    { field: 'start.value', expected: 'a time that has not passed' },
  ])
  const noEpochs = { ...now, epoch: null }
  expect(check({ start: { at: 'epoch', value: 3 } }, free, noEpochs)[0]?.field).toBe('start.at')
  expect(check({ shape: { ...linear, over: { epochs: 2 } } }, free, noEpochs)[0]?.field).toBe('shape.over')
})

it('values outside of what the parameter declares are refused with what was expected', () => {
  const shape = (to: number, from: number | null = null): Partial<Schedule> => ({ shape: { ...linear, from, to } })
  const bounded = { ...free, min: 0.05, max: 1 }
  expect(check(shape(2), bounded)).toEqual([{ field: 'shape.to', expected: 'a number from 0.05 to 1' }])
  expect(check(shape(0.5, 0), bounded)).toEqual([{ field: 'shape.from', expected: 'a number from 0.05 to 1' }])
  expect(check(shape(-1), { ...free, min: 0 })[0]?.expected).toBe('a number, at least 0')
  expect(check(shape(8.4), { ...free, type: 'integer' })).toEqual([{ field: 'shape.to', expected: 'a whole number' }])
  expect(check(shape(Number.NaN))[0]?.expected).toBe('a number')
  // A step is how far a control moves: values between are taken.
  expect(check(shape(0.3), { ...free, min: 0, max: 1, step: 0.25 })).toEqual([])
  // A warm-up of a rate begins at 0, logarithmic or not.
  expect(check({ shape: { kind: 'warmup', from: 0, to: 1, over: { steps: 10 } } })).toEqual([])
})

it('what is no number can be set, and does not move', () => {
  const choice: ParameterDeclaration = { ...free, type: 'choice', choices: ['sgd', 'adam'] }
  expect(check({ shape: { kind: 'set', to: 'adam' } }, choice)).toEqual([])
  expect(check({ shape: { kind: 'set', to: 'rms' } }, choice)).toEqual([
    { field: 'shape.to', expected: 'one of "sgd", "adam"' },
  ])
  expect(check({ shape: { kind: 'set', to: true } }, { ...free, type: 'switch' })).toEqual([])
  expect(check({}, choice)).toEqual([{ field: 'shape.kind', expected: '«set»: only a number can move' }])
})

it('an exponential to or through zero, and a way of no length, are refused with a hint', () => {
  const exponential = (to: number, from: number | null = null): Partial<Schedule> => ({
    shape: { ...linear, kind: 'exponential', from, to },
  })
  expect(check(exponential(0))[0]).toMatchObject({
    field: 'shape.to',
    expected: 'a value on the same side of zero as 0.1',
  })
  expect(check(exponential(-1, 1))[0]?.field).toBe('shape.to')
  expect(check(exponential(1, 0))[0]?.field).toBe('shape.from')
  expect(check(exponential(1), free, { ...now, value: 0 })[0]?.field).toBe('shape.from')
  expect(check(exponential(1), free, { ...now, value: 0 })[0]?.hint).toContain('never reaches zero')
  for (const steps of [0, 0.5, -3, Infinity, Number.NaN]) {
    expect(check({ shape: { ...linear, over: { steps } } })).toMatchObject([
      { field: 'shape.over.steps', expected: 'one step or more' },
    ])
  }
  expect(check({ shape: { ...linear, over: { ms: 0 } } })).toMatchObject([
    { field: 'shape.over.ms', expected: 'more than 0' },
  ])
})
