import { expect, test } from 'vitest'
import { readInstancesSearch } from './instances-search.ts'

test('an address opens one machine or one sheet; what means nothing is dropped', () => {
  expect(readInstancesSearch({ machine: '7', open: 'rent' })).toEqual({ machine: 7, open: 'rent' })
  expect(readInstancesSearch({ machine: 'x', open: 'all', q: 1 })).toEqual({})
})
