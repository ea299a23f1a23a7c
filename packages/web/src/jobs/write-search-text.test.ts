import { expect, it } from 'vitest'
import { parseSearchText } from '@pilothouse/contract/wire'
import { writeSearchText } from './write-search-text.ts'

it('filters are written as the search field reads them', () => {
  const text = writeSearchText({
    q: 'bert loss<2',
    state: ['failed', 'lost'],
    kind: 'training',
    tag: ['llama', 'two words', 'a,b'],
    owner: ['me'],
    time: '7d',
    sort: 'name',
    view: 'table',
  })
  expect(text).toBe('bert loss<2 status:failed,lost kind:training tag:llama,"two words","a,b" owner:me created>7d')
  const { terms, faults } = parseSearchText(text, 0)
  expect(faults).toEqual([])
  expect(terms.map(({ condition }) => condition)).toContainEqual({
    kind: 'text',
    field: 'tag',
    values: ['llama', 'two words', 'a,b'],
  })
  expect(writeSearchText({})).toBe('')
})
