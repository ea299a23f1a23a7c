import { expect, test } from 'vitest'
import type { TableBody } from '@pilothouse/contract'
import { arrangeRows, chooseWidths, isNumeric } from './table-rows.ts'

const body: TableBody = {
  columns: ['name', 'score', 'mixed'],
  rows: [
    ['item 10', 0.5, 'b'],
    ['item 9', null, 3],
    ['Item 1', -2, 'NaN'],
    ['other', 12, null],
  ],
}

test('without words and order the rows stand as they were logged', () => {
  expect(arrangeRows(body, '', null)).toEqual([0, 1, 2, 3])
})

test('a search keeps rows that hold every word in any cell', () => {
  expect(arrangeRows(body, 'ITEM', null)).toEqual([0, 1, 2])
  expect(arrangeRows(body, ' item  0.5 ', null)).toEqual([0])
  expect(arrangeRows(body, 'absent', null)).toEqual([])
})

test('numbers sort as numbers, and empty cells stay last in both directions', () => {
  expect(arrangeRows(body, '', { column: 1, descending: false })).toEqual([2, 0, 3, 1])
  expect(arrangeRows(body, '', { column: 1, descending: true })).toEqual([3, 0, 2, 1])
})

test('words sort as people count, and after numbers', () => {
  expect(arrangeRows(body, '', { column: 0, descending: false })).toEqual([2, 1, 0, 3])
  expect(arrangeRows(body, '', { column: 2, descending: false })).toEqual([2, 1, 0, 3])
})

test('a column of numbers and gaps is numeric, an empty or mixed one is not', () => {
  expect([0, 1, 2].map((column) => isNumeric(body, column))).toEqual([false, true, false])
  expect(isNumeric({ columns: ['a'], rows: [[null]] }, 0)).toBe(false)
})

test('widths follow the cells within their bounds', () => {
  const [narrow = 0, wide = 0] = chooseWidths({ columns: ['a', 'b'], rows: [[1, 'x'.repeat(500)]] })
  expect(narrow).toBe(72)
  expect(wide).toBe(360)
})
