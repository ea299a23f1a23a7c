import { expect, test } from 'vitest'
import { formatSearch, parseSearch } from '../app/search-params.ts'
import { formatRange, readRange } from '../charts/chart-search.ts'
import { readJobSearch } from './job-search.ts'

test('the view of a job comes back from its own address', () => {
  const view = {
    tab: 'metrics',
    x: 'wall',
    smooth: '0.9',
    range: '10,250.5,metric:a,b',
    clip: '1',
    xlog: '1',
    log: ['loss', 'grad/norm'],
    pinned: ['lr', 'loss'],
    folded: ['layer'],
    join: ['loss:lr', 'loss:a:b'],
    right: ['loss:lr'],
    sources: ['loss:rank:1', 'grad/norm:mean'],
    keys: 'val',
    with: 'other-job,,same-job@2',
  } as const
  expect(readJobSearch(parseSearch(formatSearch(view)))).toEqual(view)
})

test('words that mean nothing are dropped', () => {
  const raw = { tab: 'secret', x: 'steps', smooth: '7', range: '5,1', log: '', with: 'a b,?', foo: 'bar' }
  expect(readJobSearch(raw)).toEqual({})
})

test('a line of the log is a number from 1 on', () => {
  expect(readJobSearch(parseSearch('?tab=logs&line=21'))).toEqual({ tab: 'logs', line: '21' })
  for (const line of ['0', '-3', '1.5', 'x', '']) expect(readJobSearch({ line })).toEqual({})
})

test('what is shown of the log is known levels and one stream', () => {
  const shown = { tab: 'logs', level: ['warning', 'error'], stream: 'stderr' } as const
  expect(readJobSearch(parseSearch(formatSearch(shown)))).toEqual(shown)
  expect(readJobSearch({ level: 'loud', stream: 'stdin' })).toEqual({})
})

test('a range keeps the digits that its width needs', () => {
  expect(formatRange([1000.123, 6000.9])).toBe('1000.1,6000.9')
  expect(readRange(formatRange([0.000_123_4, 0.000_567_8]))?.range).toEqual([0.000_123_4, 0.000_567_8])
  expect(readRange('1,')).toBeNull()
})

test('a range knows its axis where it is named', () => {
  expect(readRange('1,2')).toEqual({ range: [1, 2], axis: undefined })
  expect(readRange('1,2,metric:a,b')).toEqual({ range: [1, 2], axis: 'metric:a,b' })
  expect(readRange('1,2,sideways')).toBeNull()
})
