import { expect, test } from 'vitest'
import { readEnginesSearch } from './engines-search.ts'

test('the address brings back what was open, and drops what it does not know', () => {
  expect(readEnginesSearch({})).toEqual({})
  expect(readEnginesSearch({ q: 'lab', add: 'engine' })).toEqual({ q: 'lab', add: 'engine' })
  expect(readEnginesSearch({ change: '3', models: 4 })).toEqual({ change: 3, models: 4 })
  const served = { serve: 'model', job: 'one', checkpoint: 7 } as const
  expect(readEnginesSearch(served)).toEqual(served)
  expect(readEnginesSearch({ serve: 'model', job: 'one' })).toEqual({ serve: 'model' })
  expect(readEnginesSearch({ job: 'one', checkpoint: 7 })).toEqual({})
  expect(readEnginesSearch({ q: '', add: 'code', change: '-1', models: '1.5' })).toEqual({})
})
