import { expect, test } from 'vitest'
import type { Sample, SampleKeysAnswer } from '@pilothouse/contract'
import { chooseHistoryStart, mergeSampleKeys, moveStep, placeOfStep, stepsAsked } from './sample-steps.ts'

const steps = [0, 10, 20.5, 40]

test.each([
  [-5, 0],
  [0, 0],
  [9, 0],
  [10, 1],
  [39, 2],
  [40, 3],
  [99, 3],
])('at step %d the sample at place %d is the last before it', (step, place) => {
  expect(placeOfStep(steps, step)).toBe(place)
})

test('a move stays within the steps that there are', () => {
  expect(moveStep(steps, 10, 1)).toBe(20.5)
  expect(moveStep(steps, 10, -3)).toBe(0)
  expect(moveStep(steps, 10, 99)).toBe(40)
  expect(moveStep([], 7, 1)).toBe(7)
})

function sample(key: string, step: number, parts: Partial<Sample> = {}): Sample {
  return { key, step, kind: 'text', bytes: 10, time: step, ...parts } as Sample // the rest is not looked at
}

const none: SampleKeysAnswer = { job: 'one', keys: [], leftOut: 0 }

test('live samples make new keys, add steps in their place, and count', () => {
  const samples = [sample('b', 5), sample('a', 1), sample('b', 5), sample('b', 2), sample('b', 9, { kind: 'image' })]
  const { keys } = mergeSampleKeys(none, { samples, skipped: 0 })
  expect(keys.map(({ key }) => key)).toEqual(['a', 'b'])
  expect(keys[1]).toEqual({
    key: 'b',
    kinds: ['text', 'image'],
    count: 4,
    bytes: 40,
    steps: [2, 5, 9],
    stepsTotal: 3,
    time: 9,
  })
})

test('the list of steps stays bounded while a job logs on, and keeps its ends', () => {
  const samples = Array.from({ length: 3 * stepsAsked }, (_, at) => sample('a', at))
  const key = mergeSampleKeys(none, { samples, skipped: 0 }).keys[0]
  expect(key?.stepsTotal).toBe(3 * stepsAsked)
  expect(key?.steps.length).toBeLessThanOrEqual(2 * stepsAsked)
  expect(key?.steps[0]).toBe(0)
  expect(key?.steps.at(-1)).toBe(3 * stepsAsked - 1)
})

test('a view through time begins where the rest fits into one answer, and moves in leaps', () => {
  const many = Array.from({ length: 2_000 }, (_, at) => at * 10)
  expect(chooseHistoryStart({ steps, count: 4 })).toBe(0)
  expect(chooseHistoryStart({ steps: [], count: 0 })).toBeUndefined()
  const start = chooseHistoryStart({ steps: many, count: 2_000 }) ?? 0
  expect(start).toBeGreaterThanOrEqual(11_000)
  expect(chooseHistoryStart({ steps: [...many, 20_000], count: 2_001 })).toBe(start)
  const longer = [...many, ...Array.from({ length: 80 }, (_, at) => 20_000 + at * 10)]
  expect(chooseHistoryStart({ steps: longer, count: 2_080 })).toBe(start + 900)
  const dense = chooseHistoryStart({ steps: many, count: 20_000 }) ?? 0
  expect(dense).toBeGreaterThanOrEqual(19_000)
})
