import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findNewLines } from './find-new-lines.ts'

it.each([
  [[], ['a'], ['a']],
  [['a', 'b'], ['a', 'b'], []],
  [['a', 'b'], [], []],
  [['a', 'b', 'c'], ['b', 'c', 'd'], ['d']],
  [['a', 'b', 'c'], ['c'], []],
  [['x', 'x'], ['x', 'x', 'x'], ['x']],
  [
    ['a', 'b'],
    ['x', 'y'],
    ['x', 'y'],
  ],
])('behind %j, %j adds %j', (before, now, added) => {
  expect(findNewLines(before, now)).toEqual(added)
})

it('knows where it ended by its last lines alone', () => {
  const log = Array.from({ length: 100 }, (_, at) => `line ${at}`)
  expect(findNewLines(log.slice(50, 60), log, 60)).toEqual(log.slice(60))
  // Told from its middle on, when it was told from its begin before.
  expect(findNewLines(log.slice(50, 60), log.slice(20), 60)).toEqual(log.slice(60))
  expect(findNewLines(log.slice(50, 60), log.slice(55), 60)).toEqual(log.slice(60))
})

it('finds whatever is appended, as long as the windows meet and lines differ', () => {
  const sizes = fc.record({
    length: fc.integer({ min: 1, max: 60 }),
    window: fc.integer({ min: 1, max: 40 }),
    tail: fc.integer({ min: 1, max: 40 }),
    added: fc.nat(20),
  })
  fc.assert(
    fc.property(sizes, ({ length, window, tail, added }) => {
      const log = Array.from({ length: length + added }, (_, at) => `line ${at}`)
      const told = log.slice(0, length).slice(-window)
      const now = log.slice(-window)
      expect(findNewLines(told.slice(-tail), now, told.length)).toEqual(log.slice(log.length - Math.min(window, added)))
    }),
  )
})
