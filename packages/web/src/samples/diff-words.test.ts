import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffWords, type DiffPart } from './diff-words.ts'

function rebuild(parts: readonly DiffPart[], without: DiffPart['kind']): string {
  return parts
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join('')
}

test('a changed word is told, the rest stays', () => {
  expect(diffWords('the cat sat on the mat', 'the dog sat on the mat.')).toEqual([
    { kind: 'same', text: 'the ' },
    { kind: 'removed', text: 'cat' },
    { kind: 'added', text: 'dog' },
    { kind: 'same', text: ' sat on the mat' },
    { kind: 'added', text: '.' },
  ])
})

test('equal texts have no differences, and empty ones no parts', () => {
  expect(diffWords('one two', 'one two')).toEqual([{ kind: 'same', text: 'one two' }])
  expect(diffWords('', '')).toEqual([])
  expect(diffWords('', 'new')).toEqual([{ kind: 'added', text: 'new' }])
})

test('both texts can always be rebuilt from the parts', () => {
  const word = fc.constantFrom('a', 'b', 'cc', ' ', '\n', '.', 'ü', '😀')
  const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const parts = diffWords(before, after)
      expect(rebuild(parts, 'added')).toBe(before)
      expect(rebuild(parts, 'removed')).toBe(after)
    }),
  )
})

test('texts that have nothing in common and are very long are still told in bounded work', () => {
  const before = Array.from({ length: 30_000 }, (_, at) => `a${at}`).join('\n')
  const after = Array.from({ length: 30_000 }, (_, at) => `b${at}`).join('\n')
  const parts = diffWords(before, after)
  expect(parts.map(({ kind }) => kind)).toEqual(['removed', 'added'])
  expect(rebuild(parts, 'added')).toBe(before)
})
