import { expect, test } from 'vitest'
import { type Columns, drawSeries, shareOf } from './chart-paths.ts'

const box = { x: { min: 0, max: 4 }, y: { min: 0, max: 10 } }

function makeColumns(means: readonly number[], spread = 0): Columns {
  const x = means.map((_, at) => at)
  return {
    x,
    xLast: x,
    mean: means,
    min: means.map((value) => value - spread),
    max: means.map((value) => value + spread),
    n: means.map(() => 1),
    nonFinite: means.map((value) => (Number.isFinite(value) ? 0 : 1)),
  }
}

test('a line goes through all means, from one end of the plot to the other', () => {
  const { line, dots, band, nonFinite } = drawSeries(makeColumns([0, 5, 10, 5, 0]), box)
  expect(line).toBe('M0 1000L500 500L1000 0L1500 500L2000 1000')
  expect({ dots, band, nonFinite }).toEqual({ dots: '', band: '', nonFinite: [] })
})

test('a value that is no number is a gap in the line and a mark at the edge', () => {
  const { line, nonFinite } = drawSeries(makeColumns([0, 5, Number.NaN, 5, 0]), box)
  expect(line).toBe('M0 1000L500 500M1500 500L2000 1000')
  expect(nonFinite).toEqual([[0.5, 0.5]])
})

test('neighbours that are no numbers are one mark, also at the end', () => {
  const { nonFinite } = drawSeries(makeColumns([0, Number.NaN, Number.NaN, 0, Number.NaN]), box)
  expect(nonFinite).toEqual([
    [0.25, 0.5],
    [1, 1],
  ])
})

test('a point without neighbours is a dot', () => {
  const { line, dots } = drawSeries(makeColumns([Number.NaN, 5, Number.NaN, 0, 0]), box)
  expect(dots).toBe('M500 500h0')
  expect(line).toBe('M1500 1000L2000 1000')
})

test('the band goes there over the highest values and back over the lowest', () => {
  const { band } = drawSeries(makeColumns([5, 5], 1), { ...box, x: { min: 0, max: 1 } })
  expect(band).toBe('M0 400L2000 400L2000 600L0 600Z')
})

test('numbers at the end of all numbers have a place, and without a range it is the middle', () => {
  expect(shareOf(0, { min: -Number.MAX_VALUE, max: Number.MAX_VALUE })).toBe(0.5)
  expect(shareOf(3, { min: 3, max: 3 })).toBe(0.5)
  expect(drawSeries(makeColumns([Number.NaN]), box).line).toBe('')
})
