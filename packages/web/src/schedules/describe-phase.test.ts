import { expect, it } from 'vitest'
import type { Schedule } from '@pilothouse/contract'
import { waitingSchedule } from '@pilothouse/signals'
import { describePhase, findShare, isLiveSchedule } from './describe-phase.ts'

const schedule: Schedule = {
  key: 'lr',
  start: { at: 'now' },
  shape: { kind: 'linear', from: null, to: 0, over: { steps: 200 } },
  every: 1,
}
const now = { step: 90, epoch: null, timeMs: 0 }
const active = { ...waitingSchedule, phase: 'active' as const, startStep: 40, from: 1 }

it('one that moves has a share of its way, and says since when', () => {
  expect(findShare({ schedule, state: active }, now)).toBe(0.25)
  expect(describePhase({ schedule, state: active }, { ...now, step: 98 })).toContain('29 %')
  expect(describePhase({ schedule, state: active }, now)).toBe('under way, 25 %, since step 40')
})

it('one that waits, or counts what the job does not report, has none', () => {
  expect(describePhase({ schedule, state: waitingSchedule }, now)).toBe('waits')
  const epochs: Schedule = { ...schedule, shape: { kind: 'linear', from: null, to: 0, over: { epochs: 2 } } }
  expect(findShare({ schedule: epochs, state: active }, now)).toBeNull()
  expect(describePhase({ schedule, state: { ...active, phase: 'cancelled' } }, now)).toBe('ended early')
})

it('what waits or moves is live', () => {
  const phases = ['waiting', 'active', 'done', 'cancelled', 'failed'] as const
  expect(phases.filter((phase) => isLiveSchedule({ state: { ...waitingSchedule, phase } }))).toEqual([
    'waiting',
    'active',
  ])
})
