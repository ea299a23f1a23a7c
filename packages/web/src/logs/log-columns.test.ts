import { expect, test } from 'vitest'
import { countColumns } from './log-columns.ts'

test('columns are counted as a terminal shows them', () => {
  expect(countColumns('plain text')).toBe(10)
  expect(countColumns('\u001b[31mred\u001b[0m')).toBe(3)
  expect(countColumns('a\tb')).toBe(9)
  expect(countColumns('ümläut')).toBe(6)
  expect(countColumns('漢字')).toBe(4)
  expect(countColumns('🚢')).toBe(2)
  expect(countColumns('')).toBe(0)
})
