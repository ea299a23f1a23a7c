import { expect, test } from 'vitest'
import { SeriesBuffer } from './series-buffer.ts'
import { averageSources } from './source-mean.ts'

function makeBuffer(
  source: string,
  values: readonly number[],
  { from = 0, every = 1, key = 'loss' } = {},
): SeriesBuffer {
  const buffer = new SeriesBuffer(key, source)
  const steps = values.map((_, at) => from + at * every)
  buffer.append({ from: 0, steps, times: steps, epochs: steps.map(() => null), values }, 'step', { origin: 0 })
  return buffer
}

const columnsOf = ({ x, value, min, max, size }: SeriesBuffer): number[][] =>
  [x, value, min, max].map((column) => [...column.subarray(0, size)])

test('sources become their mean, with the range between them', () => {
  const [mean, ...others] = averageSources([
    makeBuffer('rank:0', [1, 2, 3]),
    makeBuffer('rank:1', [3, 4, Number.NaN]),
    makeBuffer('rank:2', [2, 0, 9]),
  ])
  expect(others).toEqual([])
  expect(columnsOf(mean!)).toEqual([
    [0, 1, 2],
    [2, 2, 6],
    [1, 0, 3],
    [3, 4, 9],
  ])
  expect(mean!.bad[2]).toBe(1)
})

test('one that has ended pulls at nothing behind its end, one that logs rarely counts where it is', () => {
  const [mean] = averageSources([makeBuffer('rank:0', [1, 1, 1, 1, 1]), makeBuffer('rank:1', [3, 3])])
  expect(columnsOf(mean!)[1]).toEqual([2, 2, 2, 1, 1])
  const [rare] = averageSources([makeBuffer('rank:0', [1, 1, 1, 1, 1]), makeBuffer('rank:1', [3, 3], { every: 4 })])
  expect(columnsOf(rare!)[1]).toEqual([2, 2, 2, 2, 2])
})

test('metrics stay apart, and what has one source stays as it is', () => {
  const lone = makeBuffer('job', [5], { key: 'lr' })
  const found = averageSources([makeBuffer('rank:0', [1]), lone, makeBuffer('rank:1', [2])])
  expect(found.map(({ key }) => key)).toEqual(['loss', 'lr'])
  expect(found[1]).toBe(lone)
})
