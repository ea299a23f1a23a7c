import { expect, test } from 'vitest'
import { buildHistoryQuery } from './jobs-query.ts'
import { stackBars } from './stack-bars.ts'

test('pieces stand upon each other, the largest bar fills the height, and little is seen', () => {
  const bars = stackBars(
    [
      { value: 60, tone: 'good' },
      { value: 0, tone: 'grey' },
      { value: 40, tone: 'bad' },
    ],
    100,
  )
  expect(bars.map(({ tone, y, size }) => [tone, Math.round(y), Math.round(size)])).toEqual([
    ['good', 27, 37],
    ['bad', 2, 25],
  ])
  expect(stackBars([{ value: 1, tone: 'bad' }], 1_000_000)).toEqual([{ y: 63, size: 1, tone: 'bad' }])
  expect(stackBars([{ value: 0, tone: 'bad' }], 0)).toEqual([])
})

test('statistics are asked for by whole days, with the filters of the list', () => {
  const now = new Date(2026, 10, 29, 12, 30)
  const query = buildHistoryQuery({ q: 'tag:a', state: ['failed'], time: '1d', view: 'table' }, 7, now)
  expect(query).toEqual({
    search: 'tag:a',
    state: ['failed'],
    from: new Date(2026, 10, 23).getTime(),
    until: new Date(2026, 10, 30).getTime(),
    parts: 7,
  })
})
