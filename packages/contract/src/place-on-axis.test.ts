import { expect, it } from 'vitest'
import { placeOnAxis } from './place-on-axis.ts'
import { keyOfAxis, readAxis, toAxis } from './x-axis.ts'

const place = (steps: number[], axis: [step: number, value: number][]) => [
  ...placeOnAxis(steps, { steps: axis.map(([step]) => step), values: axis.map(([, value]) => value) }),
]

it('gives a point the value that was logged with it, else the last one before it', () => {
  const axis: [number, number][] = [
    [10, 1],
    [20, 2],
    [30, 3],
  ]
  expect(place([10, 20, 30], axis)).toEqual([1, 2, 3])
  expect(place([5, 15, 20, 29, 99], axis)).toEqual([Number.NaN, 1, 2, 2, 3])
  expect(place([1, 2], [])).toEqual([Number.NaN, Number.NaN])
  expect(place([], axis)).toEqual([])
})

it('pairs several of one step one by one, and takes the last value when the numbers differ', () => {
  expect(
    place(
      [7, 7, 7],
      [
        [7, 0.1],
        [7, 0.2],
        [7, 0.3],
      ],
    ),
  ).toEqual([0.1, 0.2, 0.3])
  expect(
    place(
      [7, 7, 7, 8],
      [
        [7, 0.1],
        [7, 0.2],
      ],
    ),
  ).toEqual([0.2, 0.2, 0.2, 0.2])
})

it('has no place for a point at a NaN, and carries the last number past it', () => {
  expect(
    place(
      [1, 2, 3],
      [
        [1, 5],
        [2, Number.NaN],
      ],
    ),
  ).toEqual([5, Number.NaN, 5])
  expect(
    place(
      [2, 3],
      [
        [1, Infinity],
        [3, -Infinity],
      ],
    ),
  ).toEqual([Number.NaN, Number.NaN])
})

it('an axis has a name, and the names that mean what every point has lead there', () => {
  expect(toAxis('tokens')).toBe('metric:tokens')
  expect([toAxis('epoch'), toAxis('_step'), toAxis('_runtime')]).toEqual(['epoch', 'step', 'relative'])
  expect(keyOfAxis('metric:a:b')).toBe('a:b')
  expect(keyOfAxis('epoch')).toBeUndefined()
  expect([readAxis('wall'), readAxis('metric:x'), readAxis('metric:'), readAxis('steps'), readAxis(1)]).toEqual([
    'wall',
    'metric:x',
    undefined,
    undefined,
    undefined,
  ])
})
