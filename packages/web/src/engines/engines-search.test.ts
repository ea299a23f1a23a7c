import { expect, test } from 'vitest'
import { readEnginesSearch } from './engines-search.ts'

test('the address brings back what was open, and drops what it does not know', () => {
  expect(readEnginesSearch({})).toEqual({})
  expect(readEnginesSearch({ q: 'lab', add: 'engine' })).toEqual({ q: 'lab', add: 'engine' })
  expect(readEnginesSearch({ change: '3', models: 4 })).toEqual({ change: 3, models: 4 })
  expect(readEnginesSearch({ q: '', add: 'code', change: '-1', models: '1.5' })).toEqual({})
})
