import { expect, it } from 'vitest'
import { describeRequest, readRequest } from './read-request.ts'

it('a chat is read as its messages, each under who says it', () => {
  const messages = [
    { role: 'system', content: 'Be terse.' },
    { role: 'user', content: [{ type: 'text', text: 'Hello' }, { type: 'image_url' }] },
    { role: 'assistant', tool_calls: [] },
  ]
  expect(readRequest(JSON.stringify({ custom_id: 'a', body: { messages } }))).toEqual({
    customId: 'a',
    text: 'system: Be terse.\n\nuser: Hello\n\nassistant: {"role":"assistant","tool_calls":[]}',
  })
  expect(describeRequest({ input: [{ role: 'user', content: 'Hello' }] })).toBe('user: Hello')
})

it('prompts and inputs are read as text, all else as JSON', () => {
  expect(describeRequest({ prompt: 'Once' })).toBe('Once')
  expect(describeRequest({ input: ['a', 'b'] })).toBe('a\n\nb')
  expect(describeRequest({ other: 1 })).toBe('{"other":1}')
  expect(describeRequest(undefined)).toBe('')
})

it('what names no request is none', () => {
  expect(['', '[]', '{"body":{}}'].map(readRequest)).toEqual([null, null, null])
})
