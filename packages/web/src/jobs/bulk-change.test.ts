import { expect, test } from 'vitest'
import { describeEdit, invertChange } from './bulk-change.ts'

test('the opposite of a change takes it back', () => {
  expect(invertChange({ addTags: ['a'] })).toEqual({ removeTags: ['a'] })
  expect(invertChange({ removeTags: ['a'] })).toEqual({ addTags: ['a'] })
  expect(invertChange({ archived: true })).toEqual({ archived: false })
})

test('what happened is told, and what did not', () => {
  const edited = { uids: ['x', 'y'], missing: 1, full: 0 }
  expect(describeEdit(edited, { addTags: ['a'] })).toBe('2 jobs tagged a. 1 job of others stayed as they were.')
  expect(describeEdit({ ...edited, missing: 0 }, { archived: false })).toBe('2 jobs brought back from the archive.')
  expect(describeEdit({ ...edited, missing: 0 }, { archived: true })).toContain('2 jobs archived')
  expect(describeEdit({ uids: ['x'], missing: 0, full: 2 }, { removeTags: ['a'] })).toBe(
    'a taken from 1 job. 2 jobs had too many tags already.',
  )
})
