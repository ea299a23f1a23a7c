import { expect, it } from 'vitest'
import { readClusterSearch, readSeconds, toWish } from './clusters-search.ts'

it('the question stands in the address, defaults and nonsense left out', () => {
  const search = readClusterSearch({ gpus: '4', type: 'a100', nodes: '2', for: '8h', by: 'node' })
  expect(search).toEqual({ gpus: 4, type: 'a100', nodes: 2, for: '8h', by: 'node' })
  expect(toWish(search)).toEqual({ gpus: 4, type: 'a100', nodes: 2, seconds: 28_800 })
  expect(readClusterSearch({ gpus: '1', by: 'type', type: '' })).toEqual({})
  expect(readClusterSearch({ gpus: '0', nodes: '1.5', for: 'soon', by: 'rack', type: ['a'] })).toEqual({})
  expect(toWish({})).toEqual({ gpus: 1 })
})

it.each([
  ['8h', 28_800],
  ['2d 12h', 216_000],
  ['90s', 90],
  ['8', undefined],
  ['0s', undefined],
  ['', undefined],
])('a time of «%s» is %s seconds', (text, seconds) => {
  expect(readSeconds(text)).toBe(seconds)
})
