import type { Schedule, ScheduleState } from '@pilothouse/contract'
import { scheduleReasons } from '@pilothouse/contract/wire'
import { expect, it } from 'vitest'
import { waitingSchedule } from './advance-schedule.ts'
import { describeScheduleEnd, describeSchedule } from './describe-schedule.ts'
import { describeChangeByHand, findConflict } from './schedule-conflict.ts'

const of = (start: Schedule['start'], over: { steps: number } | { epochs: number } | null, key = 'lr'): Schedule => ({
  key,
  start,
  shape: over ? { kind: 'linear', from: null, to: 0, over } : { kind: 'set', to: 0 },
  every: 1,
})
const at = (value: number): Schedule['start'] => ({ at: 'step', value })
const beside = (wanted: Schedule, other: Schedule, state: Partial<ScheduleState> = {}) =>
  findConflict(wanted, [{ schedule: other, state: { ...waitingSchedule, ...state } }], 50)

it('a second schedule of a parameter is refused, with the first one in words', () => {
  expect(beside(of(at(150), { steps: 100 }), of(at(100), { steps: 100 }))).toEqual({
    with: 0,
    words:
      'A schedule will move lr already: lr to 0 in a line over 100 steps, from step 100 on. Cancel it, or let this one begin where that one is over.',
  })
  const moving = { phase: 'active', startStep: 40 } as const
  expect(beside(of({ at: 'now' }, null), of({ at: 'now' }, { steps: 100 }), moving)?.words).toContain(
    'A schedule moves lr already',
  )
})

it('beside each other stand those of other parameters, those that are over, and those known not to overlap', () => {
  expect(beside(of(at(100), { steps: 100 }), of(at(100), { steps: 100 }, 'dropout'))).toBeNull()
  for (const phase of ['done', 'cancelled', 'failed'] as const) {
    expect(beside(of(at(100), null), of(at(100), null), { phase })).toBeNull()
  }
  expect(beside(of(at(200), { steps: 100 }), of(at(100), { steps: 100 }))).toBeNull()
  expect(beside(of(at(60), { steps: 40 }), of(at(100), { steps: 100 }))).toBeNull()
  expect(beside(of(at(140), null), of({ at: 'now' }, { steps: 100 }), { phase: 'active', startStep: 40 })).toBeNull()
  expect(beside(of({ at: 'now' }, null), of(at(100), null))).toBeNull()
})

it('where nobody knows whether they overlap, they count as if they did', () => {
  const condition = { metric: 'loss', is: 'above', value: 9, points: 1 } as const
  expect(beside(of({ at: 'metric', condition }, null), of(at(100), null))).not.toBeNull()
  expect(beside(of(at(200), null), of(at(100), { epochs: 1 }))).not.toBeNull()
  expect(beside(of({ at: 'epoch', value: 3 }, null), of(at(100), null))).not.toBeNull()
  expect(beside(of({ at: 'epoch', value: 3 }, null), of({ at: 'epoch', value: 1 }, { epochs: 1 }))).toBeNull()
})

it('a change by hand says what it does to a schedule', () => {
  const schedule = of(at(100), { steps: 100 })
  const told = (state: Partial<ScheduleState>) =>
    describeChangeByHand('lr', [{ schedule, state: { ...waitingSchedule, ...state } }])
  expect(told({ phase: 'active' })).toBe(
    'This ends the schedule that moves lr: lr to 0 in a line over 100 steps, from step 100 on.',
  )
  expect(told({})).toContain('stays, and begins from this value')
  expect(told({ phase: 'done' })).toBeNull()
  expect(describeChangeByHand('dropout', [{ schedule, state: waitingSchedule }])).toBeNull()
})

it('every schedule and every reason reads as a sentence', () => {
  const say = (start: Schedule['start'], shape: Schedule['shape'], every = 1) =>
    describeSchedule({ key: 'lr', start, shape, every })
  expect(say({ at: 'now' }, { kind: 'set', to: 3e-4 })).toBe('lr set to 3e-4, at once')
  expect(say({ at: 'epoch', value: 2.5 }, { kind: 'cosine', from: 0.1, to: 0, over: { epochs: 2 } }, 10)).toBe(
    'lr from 0.1 to 0 by a cosine over 2 epochs, from epoch 2.5 on, at most every 10 steps',
  )
  expect(
    say(
      { at: 'time', value: Date.UTC(2026, 2, 1, 14, 5) },
      { kind: 'exponential', from: null, to: 1e-6, over: { ms: 90_000 } },
    ),
  ).toBe('lr to 1e-6 exponentially over 1 m 30 s, from 2026-03-01 14:05 UTC on')
  expect(
    say(
      { at: 'metric', condition: { metric: 'val_loss', is: 'noImprovement', goal: 'minimize', points: 3 } },
      { kind: 'warmup', from: 0, to: 1, over: { steps: 1_000 } },
    ),
  ).toBe('lr from 0 to 1 as a warm-up over 1000 steps, once val_loss does not improve for 3 values in a row')
  expect(
    say(
      { at: 'metric', condition: { metric: 'val_loss', is: 'below', value: 1.5, points: 1 } },
      { kind: 'set', to: 1 },
    ),
  ).toBe('lr set to 1, once val_loss is below 1.5')
  expect(new Set(scheduleReasons.map(describeScheduleEnd)).size).toBe(scheduleReasons.length)
})
