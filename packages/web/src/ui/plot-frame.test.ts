import { expect, it } from 'vitest'
import { framePlot, listTicks, placeX, placeY, traceBand, tracePath } from './plot-frame.ts'

it('the first point stands at the left, the largest value near the top', () => {
  const frame = framePlot([10, 20], [1, 3])
  expect([placeX(frame, 10), placeX(frame, 20)]).toEqual([0, 100])
  expect(placeY(frame, 3)).toBeCloseTo(5.36, 1)
  expect(placeY(frame, 1)).toBeCloseTo(94.64, 1)
})

it('a logarithmic frame puts the geometric mean in the middle, and is plain where a value is not above 0', () => {
  expect(placeY(framePlot([0, 1], [1e-6, 1e-2], true), 1e-4)).toBe(50)
  expect(framePlot([0, 1], [0, 1], true).isLog).toBe(false)
})

it('a value that is not finite is a gap in the path', () => {
  const frame = { xMin: 0, xMax: 4, yMin: 0, yMax: 4, isLog: false }
  expect(tracePath(frame, [0, 1, 2, 3, 4], [0, 1, Number.NaN, 3, 4])).toBe('M0 100L25 75M75 25L100 0')
  expect(traceBand(frame, { xs: [0, 4], lower: [1, 1], upper: [3, 3] })).toBe('M0 25L100 25L100 75L0 75Z')
  expect(traceBand(frame, { xs: [], lower: [], upper: [] })).toBe('')
})

it('ticks are round, few, and within the frame', () => {
  expect(listTicks(framePlot([0], [0, 1]))).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(listTicks(framePlot([0], [0.31, 0.34]))).toEqual([0.31, 0.32, 0.33, 0.34])
  expect(listTicks(framePlot([0], [1e-6, 1e-2], true))).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2])
  expect(listTicks(framePlot([0], []))).not.toEqual([])
})

it('a value that never changes has room above and below', () => {
  const frame = framePlot([5], [2])
  expect(placeY(frame, 2)).toBe(50)
  expect(listTicks(frame).length).toBeGreaterThan(1)
})
