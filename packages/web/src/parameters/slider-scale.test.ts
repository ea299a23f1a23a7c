import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeSliderScale } from './slider-scale.ts'

const plain = { type: 'number', min: 0, max: 1, step: null, log: false } as const

it('the middle of a logarithmic slider is the geometric mean of its bounds', () => {
  const scale = makeSliderScale({ ...plain, min: 1e-6, max: 1e-2, log: true })
  expect([scale?.valueOf(0), scale?.valueOf(500), scale?.valueOf(1_000)]).toEqual([1e-6, 1e-4, 1e-2])
  expect(scale?.placeOf(1e-4)).toBe(500)
})

it('a slider with a step gives its multiples, without what binary adds to them', () => {
  const scale = makeSliderScale({ ...plain, step: 0.1 })
  expect(scale?.places).toBe(10)
  expect(scale?.valueOf(3)).toBe(0.3)
  expect(makeSliderScale({ ...plain, type: 'integer', min: 1, max: 8 })?.valueOf(4)).toBe(5)
})

it('without two bounds there is no slider', () => {
  expect(makeSliderScale({ ...plain, max: null })).toBeUndefined()
  expect(makeSliderScale({ ...plain, min: 1, max: 1 })).toBeUndefined()
})

it('every place has a value within the bounds, and values grow with places', () => {
  const bounds = fc.record({
    min: fc.double({ min: 1e-9, max: 1e3, noNaN: true }),
    span: fc.double({ min: 1.5, max: 1e6, noNaN: true }),
    log: fc.boolean(),
  })
  fc.assert(
    fc.property(bounds, fc.integer({ min: 0, max: 999 }), ({ min, span, log }, place) => {
      const max = min * span
      const scale = makeSliderScale({ ...plain, min, max, log })
      const [here = Number.NaN, next = Number.NaN] = [scale?.valueOf(place), scale?.valueOf(place + 1)]
      return here >= min && next <= max && next >= here
    }),
  )
})
