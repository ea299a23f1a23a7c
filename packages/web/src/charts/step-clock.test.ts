import { expect, test } from 'vitest'
import { StepClock } from './step-clock.ts'

const shown = ({ times, values }: StepClock) => times.map((time, at) => [time, values[at]])

test('several metrics of one moment tell it once, and what comes late says nothing', () => {
  const clock = new StepClock('step')
  for (const _ of ['loss', 'lr']) clock.add({ steps: [1, 2], epochs: [null, null], times: [10, 20] })
  clock.add({ steps: [9], epochs: [null], times: [15] })
  // A restart from an earlier step is news.
  clock.add({ steps: [1], epochs: [null], times: [40] })
  expect(shown(clock)).toEqual([
    [10, 1],
    [20, 2],
    [40, 1],
  ])
  expect([clock.isBefore(40), clock.isBefore(41)]).toEqual([false, true])
})

test('an epoch is only known where it was logged', () => {
  const clock = new StepClock('epoch')
  clock.add({ steps: [1, 2, 3], epochs: [null, 0.5, null], times: [10, 20, 30] })
  expect(shown(clock)).toEqual([[20, 0.5]])
})

test('a long clock gives its oldest moments away', () => {
  const clock = new StepClock('step')
  const steps = Array.from({ length: 10_000 }, (_, at) => at)
  clock.add({ steps, epochs: steps.map(() => null), times: steps })
  expect(clock.times.length).toBe(4_000)
  expect(clock.isBefore(9_999)).toBe(false)
})
