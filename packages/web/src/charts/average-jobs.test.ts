import { describe, expect, test } from 'vitest'
import { averageJobs, type AverageOptions } from './average-jobs.ts'
import { SeriesBuffer } from './series-buffer.ts'

function makeLine(xs: readonly number[], values: readonly number[], smoothed: readonly number[] = []): SeriesBuffer {
  const buffer = new SeriesBuffer('loss', 'job', 'one')
  const entries = xs.map((x, at) => {
    const value = values[at] ?? Number.NaN
    const isBad = !Number.isFinite(value)
    return { x, xLast: x, value, min: value, max: value, bad: isBad ? 1 : 0, smoothed: smoothed[at] ?? Number.NaN }
  })
  buffer.fill(entries, { total: xs.length, isSmoothed: smoothed.length > 0 })
  return buffer
}

function average(lines: readonly SeriesBuffer[], more: Partial<AverageOptions> = {}) {
  const mean = averageJobs(lines, { member: 'group', band: 'range', isSmoothed: false, ...more })
  const column = (name: 'x' | 'value' | 'min' | 'max' | 'bad' | 'smoothed') => [...mean[name].subarray(0, mean.size)]
  return { mean, column }
}

describe('the mean of a group', () => {
  test('lies at the places of all jobs, and takes straight lines between those of each', () => {
    const { column, mean } = average([makeLine([0, 10, 20], [0, 10, 20]), makeLine([0, 5, 20], [4, 4, 4])])
    expect(column('x')).toEqual([0, 5, 10, 20])
    expect(column('value')).toEqual([2, 4.5, 7, 12])
    expect(column('min')).toEqual([0, 4, 4, 4])
    expect(column('max')).toEqual([4, 5, 10, 20])
    expect(mean).toMatchObject({ key: 'loss', source: 'job', member: 'group', isMean: true, total: 3 })
  })

  test('is of the jobs that have a value: one that begins late or ends early pulls at nothing beyond', () => {
    const { column } = average([makeLine([0, 1, 2, 3], [1, 1, 1, 1]), makeLine([1, 2], [5, 5])])
    expect(column('value')).toEqual([1, 3, 3, 1])
    expect(column('max')).toEqual([1, 5, 5, 1])
  })

  test('passes over what is not finite, and marks where it was', () => {
    const { column } = average([
      makeLine([0, 1, 2, 3], [1, Number.NaN, 1, 1]),
      makeLine([0, 0.5, 1, 2, 3], [3, 3, 3, 3, 3]),
    ])
    expect(column('x')).toEqual([0, 0.5, 1, 2, 3])
    expect(column('value')).toEqual([2, 3, 3, 2, 2])
    expect(column('bad')).toEqual([0, 0, 1, 0, 0])
    const none = average([makeLine([0, 1], [Number.NaN, Number.POSITIVE_INFINITY])])
    expect(none.column('value')).toEqual([Number.NaN, Number.NaN])
    expect(none.column('bad')).toEqual([1, 1])
  })

  test('has as its band one standard deviation of the sample, if that is wished', () => {
    const { column } = average([makeLine([0], [1]), makeLine([0], [3]), makeLine([1], [7])], { band: 'sd' })
    expect(column('min')).toEqual([2 - Math.SQRT2, 7])
    expect(column('max')).toEqual([2 + Math.SQRT2, 7])
  })

  test('of a single job is its line, without a band', () => {
    const { column } = average([makeLine([0, 1, 2], [3, 2, 1])])
    expect(column('value')).toEqual([3, 2, 1])
    expect(column('min')).toEqual(column('max'))
  })

  test('of smoothed lines has a band of smoothed lines', () => {
    const lines = [makeLine([0, 1], [0, 9], [1, 2]), makeLine([0, 1], [9, 0], [3, 4])]
    const { column, mean } = average(lines, { isSmoothed: true })
    expect(mean.isSmoothed).toBe(true)
    expect([column('smoothed'), column('min'), column('max')]).toEqual([
      [2, 3],
      [1, 2],
      [3, 4],
    ])
  })

  test('of many long lines keeps to a bound, and to the last place', () => {
    const lines = Array.from({ length: 50 }, (_, job) => {
      const xs = Array.from({ length: 200 }, (_one, at) => at + job / 50)
      return makeLine(xs, xs)
    })
    const { mean, column } = average(lines)
    expect(mean.size).toBeLessThanOrEqual(2_001)
    expect(column('x').at(-1)).toBe(199.98)
  })

  test('of nothing is empty', () => {
    expect(average([]).mean.size).toBe(0)
  })
})
