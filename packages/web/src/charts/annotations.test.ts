import { expect, it } from 'vitest'
import { letterOf, placeAnnotation } from './annotations.ts'

it('an annotation lies on every axis that its point has a place on', () => {
  const point = { step: 120, epoch: 1.5, time: 10_000 }
  expect(placeAnnotation(point, 'step', 4_000)).toBe(120)
  expect(placeAnnotation(point, 'epoch', 4_000)).toBe(1.5)
  expect(placeAnnotation(point, 'relative', 4_000)).toBe(6_000)
  expect(placeAnnotation(point, 'wall', 4_000)).toBe(10_000)
  expect(placeAnnotation(point, 'metric:tokens', 4_000)).toBeUndefined()
  expect(placeAnnotation({ ...point, epoch: null }, 'epoch', 4_000)).toBeUndefined()
})

it('letters go on after Z', () => {
  expect([0, 25, 26, 27, 701, 702].map(letterOf)).toEqual(['A', 'Z', 'AA', 'AB', 'ZZ', 'AAA'])
})
