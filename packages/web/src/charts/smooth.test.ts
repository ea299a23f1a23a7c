import { expect, test } from 'vitest'
import { isNoisy, smoothInto } from './smooth.ts'

function smooth(values: number[], factor: number, weights = values.map(() => 1)): number[] {
  const target = new Float64Array(values.length)
  smoothInto(target, values, weights, { size: values.length, factor })
  return [...target]
}

test('a factor of zero leaves the values as they are', () => {
  expect(smooth([3, 1, 2], 0)).toEqual([3, 1, 2])
})

test('the average is debiased: it begins at the first value, not at zero', () => {
  const [first = 0, second = 0] = smooth([4, 2], 0.9)
  expect(first).toBeCloseTo(4)
  expect(second).toBeCloseTo((4 * 0.9 * 0.1 + 2 * 0.1) / (1 - 0.9 ** 2))
})

test('a constant stays what it is', () => {
  for (const value of smooth(Array<number>(50).fill(7), 0.97)) expect(value).toBeCloseTo(7)
})

test('values that are not finite are passed over, and the average goes on behind them', () => {
  const [, missing, last = 0] = smooth([2, Number.NaN, 2], 0.5)
  expect(missing).toBeNaN()
  expect(last).toBeCloseTo(2)
})

test('a bucket pulls as hard as its points would one by one', () => {
  const single = smooth([1, ...Array<number>(9).fill(5)], 0.8).at(-1) ?? 0
  const bucket = smooth([1, 5], 0.8, [1, 9]).at(-1) ?? 0
  expect(bucket).toBeCloseTo(single)
})

test('the same factor smooths a long run as strongly as a short one, measured on the whole curve', () => {
  const step = (length: number): number => {
    const values = Array.from({ length }, (_, at) => (at < length / 2 ? 0 : 1))
    return smooth(values, 0.9)[Math.floor(length * 0.55)] ?? 0
  }
  expect(step(30_000)).toBeCloseTo(step(3_000), 2)
})

test('a schedule is smooth, a loss is noisy', () => {
  const schedule = Array.from({ length: 200 }, (_, at) => Math.cos(at / 80))
  const loss = Array.from({ length: 200 }, (_, at) => Math.exp(-at / 50) + (at % 3) * 0.1)
  expect(isNoisy(schedule, 200)).toBe(false)
  expect(isNoisy(loss, 200)).toBe(true)
})
