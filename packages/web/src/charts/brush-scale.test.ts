import { expect, test } from 'vitest'
import { BrushScale, movePart, pressKey, spanPart, widthMin } from './brush-scale.ts'

const round = (part: readonly number[] | undefined | null) => part?.map((place) => Number(place.toFixed(6)))

test('a range has its part of the strip, also one that reaches beyond it', () => {
  const scale = new BrushScale({ min: 100, max: 300 })
  expect(scale.toPart([150, 200])).toEqual([0.25, 0.5])
  expect(scale.toPart([0, 200])).toEqual([0, 0.5])
  expect(scale.toPart(null)).toEqual([0, 1])
  expect(round(scale.toPart([400, 500]))).toEqual([1 - widthMin, 1])
  expect(scale.toRange([0.25, 0.5])).toEqual([150, 200])
  expect(scale.toRange([0, 1])).toBeNull()
})

test('a logarithmic axis has its decades alike', () => {
  const scale = new BrushScale({ min: 1, max: 10_000 }, true)
  expect(round(scale.toPart([10, 1_000]))).toEqual([0.25, 0.75])
  expect(round(scale.toRange([0.25, 0.75]))).toEqual([10, 1_000])
})

test('one point alone is a strip too', () => {
  const scale = new BrushScale({ min: 5, max: 5 })
  expect(scale.toPart([5, 6])).toEqual([0, 1])
})

test('ends stay on the strip and on their side', () => {
  expect(round(movePart([0.2, 0.4], 'from', 0.5))).toEqual([0.395, 0.4])
  expect(round(movePart([0.2, 0.4], 'to', 0.9))).toEqual([0.2, 1])
  expect(round(movePart([0.2, 0.4], 'both', -0.5))).toEqual([0, 0.2])
  expect(spanPart(0.9, 0.4)).toEqual([0.4, 0.9])
})

test('keys move what has the focus', () => {
  const press = (key: string, shiftKey = false) => round(pressKey([0.2, 0.4], 'both', { key, shiftKey }))
  expect(press('ArrowRight')).toEqual([0.21, 0.41])
  expect(press('ArrowLeft', true)).toEqual([0.1, 0.3])
  expect(press('End')).toEqual([0.8, 1])
  expect(press('Tab')).toBeUndefined()
})
