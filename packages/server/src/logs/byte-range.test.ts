import { expect, it } from 'vitest'
import { readRange } from './byte-range.ts'

it('a byte range is read as HTTP has it', () => {
  expect(readRange(undefined, 100)).toEqual({ kind: 'all' })
  expect(readRange('bytes=0-9', 100)).toEqual({ kind: 'part', from: 0, to: 10 })
  expect(readRange('bytes=90-', 100)).toEqual({ kind: 'part', from: 90, to: 100 })
  expect(readRange('bytes=-20', 100)).toEqual({ kind: 'part', from: 80, to: 100 })
  expect(readRange('bytes=50-500', 100)).toEqual({ kind: 'part', from: 50, to: 100 })
  expect(readRange('bytes=100-', 100)).toEqual({ kind: 'unsatisfiable' })
  expect(readRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' })
  expect(readRange('bytes=9-3', 100)).toEqual({ kind: 'all' })
  expect(readRange('bytes=0-1,5-6', 100)).toEqual({ kind: 'all' })
})
