import { expect, test } from 'vitest'
import { rankByName } from './rank-commands.ts'

const items = ['Go to all jobs', 'Add a job', 'Jobs of today', 'Theme: dark'].map((name) => ({ name }))

test('all words must stand in a name, and one that begins with the text is first', () => {
  expect(rankByName(items, 'job').map(({ name }) => name)).toEqual(['Jobs of today', 'Go to all jobs', 'Add a job'])
  expect(rankByName(items, '  JOB  add ').map(({ name }) => name)).toEqual(['Add a job'])
  expect(rankByName(items, '')).toEqual(items)
  expect(rankByName(items, 'zzz')).toEqual([])
})
