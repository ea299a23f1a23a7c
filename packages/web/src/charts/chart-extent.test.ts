import { expect, test } from 'vitest'
import { extentOfBulk, extentOfX } from './chart-extent.ts'
import { SeriesBuffer } from './series-buffer.ts'

function makeBuffer(values: readonly number[]): SeriesBuffer {
  const buffer = new SeriesBuffer('loss', 'job')
  const steps = values.map((_, at) => at)
  buffer.append({ from: 0, steps, times: steps, epochs: steps.map(() => null), values }, 'step', { origin: 0 })
  return buffer
}

const everything = { min: -Infinity, max: Infinity }
const flat = (size: number): number[] => Array.from({ length: size }, (_, at) => 1 + (at % 10) / 10)

test('a few outliers do not decide the axis, whatever they are', () => {
  const values = [...flat(100), 1e6, -1e6, Number.NaN, Infinity]
  expect(extentOfBulk([makeBuffer(values)], everything, false)).toEqual({ min: 1, max: 1.9 })
})

test('each line loses its own: a short one keeps what it has', () => {
  const buffers = [makeBuffer([...flat(100), 1e6]), makeBuffer([5, 7, 6])]
  expect(extentOfBulk(buffers, everything, false)).toEqual({ min: 1, max: 7 })
})

test('only what is in sight counts, and on a logarithmic axis only what is positive', () => {
  const buffer = makeBuffer([0, -5, ...flat(20)])
  expect(extentOfBulk([buffer], { min: 2, max: 11 }, false)).toEqual({ min: 1.1, max: 1.8 })
  expect(extentOfBulk([makeBuffer([0, -5, 3, 4])], everything, true)).toEqual({ min: 3, max: 4 })
  expect(extentOfBulk([], everything, false)).toBeNull()
})

test('a logarithmic axis begins at the first positive place', () => {
  expect(extentOfX([makeBuffer([1, 2, 3])])).toEqual({ min: 0, max: 2 })
  expect(extentOfX([makeBuffer([1, 2, 3])], true)).toEqual({ min: 1, max: 2 })
})
