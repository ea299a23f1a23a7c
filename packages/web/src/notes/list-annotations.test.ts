import { expect, it } from 'vitest'
import type { Note } from '@pilothouse/contract'
import { listAnnotations } from './list-annotations.ts'

const author = { id: 1, name: 'somebody' }
const point = {
  kind: 'point',
  key: 'loss',
  source: 'job',
  branch: 1,
  step: 7,
  epoch: null,
  time: 9,
  value: 0.5,
} as const
const note = (id: number, text: string, subject: Note['subject'] = point): Note => ({
  id,
  author,
  created: 0,
  edited: null,
  text,
  subject,
})

it('notes on points get letters in the order in which they were written; those on the job none', () => {
  const annotations = listAnnotations([
    note(9, 'later'),
    note(5, 'on the job', { kind: 'job' }),
    note(3, 'x'.repeat(500)),
  ])
  expect(annotations.map(({ id, letter, step }) => [id, letter, step])).toEqual([
    ['3', 'A', 7],
    ['9', 'B', 7],
  ])
  expect(annotations[0]?.title).toHaveLength('Note A by somebody: '.length + 121)
})
