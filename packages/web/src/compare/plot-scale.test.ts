import { expect, it } from 'vitest'
import { makeScale } from './plot-scale.ts'

it('numbers lie by their size, over decades by their logarithm', () => {
  const plain = makeScale([10, 20, 40])
  expect([10, 20, 25, 40].map(plain.place)).toEqual([0, 1 / 3, 0.5, 1])
  const wide = makeScale([1e-5, 1e-3])
  expect(wide.isLog).toBe(true)
  expect(wide.place(1e-4)).toBeCloseTo(0.5)
  expect(wide.ticks.map(({ text }) => text)).toEqual(['1e-5', '1e-4', '0.001'])
})

it('words lie in their order, what has no value has no place, and a single value lies in the middle', () => {
  const words = makeScale(['sgd', 'adam', true, undefined])
  expect(['adam', 'sgd', true].map(words.place)).toEqual([0, 0.5, 1])
  expect(words.place(undefined)).toBeUndefined()
  expect(makeScale([7, 7]).place(7)).toBe(0.5)
  expect(makeScale([]).ticks).toEqual([])
})
