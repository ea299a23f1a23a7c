import { expect, test } from 'vitest'
import { windowRows } from './row-window.ts'

test('only rows in sight and their neighbours are rendered', () => {
  expect(windowRows({ top: 0, height: 360, rowHeight: 36, count: 10_000 })).toEqual({ first: 0, last: 22 })
  expect(windowRows({ top: 36_000, height: 360, rowHeight: 36, count: 10_000 })).toEqual({ first: 988, last: 1_022 })
  expect(windowRows({ top: 36_000, height: 360, rowHeight: 36, count: 10 })).toEqual({ first: 10, last: 10 })
  expect(windowRows({ top: 0, height: 0, rowHeight: 36, count: 0 })).toEqual({ first: 0, last: 0 })
})
