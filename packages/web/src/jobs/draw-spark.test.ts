import { expect, test } from 'vitest'
import { drawSpark } from './draw-spark.ts'

test('a gap in the values is a gap in the line', () => {
  expect(drawSpark([1, 2, null, 4, 5]).line.match(/M/g)).toHaveLength(2)
})

test('equal values are a line in the middle, and none is no line', () => {
  expect(drawSpark([2, 2]).line).toBe('M0 20L240 20')
  expect(drawSpark([null]).line).toBe('')
})
