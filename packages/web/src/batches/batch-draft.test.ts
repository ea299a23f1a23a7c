import { expect, it } from 'vitest'
import { checkPriority, emptyDraft, readDraft, toCreate } from './batch-draft.ts'

it('only what is not usual is sent', () => {
  expect(toCreate(emptyDraft, 'file-1')).toEqual({
    input_file_id: 'file-1',
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  })
  expect(toCreate({ ...emptyDraft, model: 'qwen', priority: 3, ordered: true, notify: 2 }, 'file-1')).toMatchObject({
    model: 'qwen',
    priority: 3,
    ordered: true,
    notify: 2,
  })
})

it('a priority is a whole number within bounds', () => {
  expect(checkPriority(0)).toBeUndefined()
  expect([Number.NaN, 0.5, 11, -11].map(checkPriority)).toEqual(
    Array.from({ length: 4 }, () => 'A whole number from -10 to 10'),
  )
})

it('what was kept is read, and what is no longer valid becomes usual', () => {
  const draft = { ...emptyDraft, model: 'qwen', window: '3d' as const, priority: -2, ordered: true, notify: 2 }
  expect(readDraft(JSON.parse(JSON.stringify(draft)))).toEqual(draft)
  expect(readDraft({ endpoint: '/v9', window: '1y', priority: 99, ordered: 'yes', model: 3, notify: 'all' })).toEqual(
    emptyDraft,
  )
  expect(readDraft(null)).toEqual(emptyDraft)
})
