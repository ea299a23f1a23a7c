import { expect, test } from 'vitest'
import { placeInTime } from './place-in-time.ts'

/** Clock as pairs of seconds and step; times in seconds. */
const place = (seconds: number[], clock: [seconds: number, step: number][]) => [
  ...placeInTime(
    seconds.map((at) => at * 1_000),
    { times: clock.map(([at]) => at * 1_000), values: clock.map(([, step]) => step) },
  ),
]

/** A step a second from `start` on. */
const steady = (length: number, start = 0, step = 0) =>
  Array.from({ length }, (_, at): [number, number] => [start + at, step + at])

test('a point lies between two steps as its time does', () => {
  expect(place([10, 12.5, 15, 20], [[10, 100], [20, 200]])).toEqual([100, 125, 150, 200]) // prettier-ignore
})

test('before the first step there is no place, after the last one it is the last', () => {
  expect(place([9, 10, 25, 9_000], [[10, 100], [20, 200]])).toEqual([Number.NaN, 100, 200, 200]) // prettier-ignore
  expect(place([1], [])).toEqual([Number.NaN])
})

test('in a pause time goes on and the step does not, until training goes on at its pace', () => {
  const clock = [...steady(10), ...steady(10, 3_600, 10)]
  expect(place([8.5, 9, 60, 3_599, 3_599.5, 3_600], clock)).toEqual([8.5, 9, 9, 9, 9.5, 10])
})

test('a restart from an earlier step begins there when that step comes, not before', () => {
  const clock = [...steady(10), ...steady(10, 40, 5)]
  expect(place([9, 20, 39.9, 40, 40.5], clock)).toEqual([9, 9, 9, 5, 5.5])
})

test('while the pace is not known, a long stretch is no pause', () => {
  expect(place([500], [[0, 0], [1_000, 10]])).toEqual([5]) // prettier-ignore
})

test('steps logged in the same moment count as the last of them', () => {
  expect(place([5, 5.5], [[5, 1], [5, 2], [6, 3]])).toEqual([2, 2.5]) // prettier-ignore
})
