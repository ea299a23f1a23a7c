import { expect, it } from 'vitest'
import { readAnswer } from './read-answer.ts'
import { readOldAnswer } from './read-old-answer.ts'

const read = (line: unknown) => readOldAnswer(JSON.stringify(line))
const chat = { choices: [{ message: { content: 'hello' } }] }

it.each([
  { response: 'hello' },
  { response: chat },
  { response: { body: chat } },
  { output: 'hello' },
  { output: [{ content: [{ text: 'hello' }] }] },
  { outputs: [{ text: 'hello', token_ids: [1] }] },
  { text: 'hello' },
  { completion: 'hello' },
  { generated_text: 'hello' },
  { result: { message: { role: 'assistant', content: 'hello' } } },
  { message: { content: 'hello' } },
  chat,
])('the text of %j is found', (line) => {
  expect(read({ id: 'r-1', ...line })).toMatchObject({ customId: 'r-1', isFailure: false, text: 'hello' })
})

it('a request is named by its custom_id, else by an id, which may be a number; else by nothing', () => {
  expect(read({ id: 'a', custom_id: 'b', text: '' })).toMatchObject({ customId: 'b', text: '' })
  expect(read({ id: 7, text: '' })?.customId).toBe('7')
  expect(read({ text: '' })?.customId).toBeNull()
})

it('of what is not understood the line is shown', () => {
  expect(read({ id: 'a', score: 0.5 })?.text).toBe('{"id":"a","score":0.5}')
  expect(read({ id: 'a', response: { data: [{ embedding: [1] }] } })?.text).toContain('1 numbers: 1.000')
})

it('an error is a failure, unless it says that there is none', () => {
  expect(read({ id: 'a', error: 'out of memory' })).toMatchObject({ isFailure: true, text: 'out of memory' })
  expect(read({ id: 'a', error: { reason: 7 } })).toMatchObject({ isFailure: true, text: '{"reason":7}' })
  expect(read({ id: 'a', error: true })?.text).toBe('failed without a reason')
  for (const error of [null, false, '']) expect(read({ error, text: 'hello' })?.isFailure).toBe(false)
})

it('a line of the Batch API says what it says elsewhere', () => {
  const lines = [
    { custom_id: 'a', response: { status_code: 200, body: { ...chat, usage: { prompt_tokens: 1 } } }, error: null },
    { custom_id: 'a', response: { status_code: 200, body: { data: [{ embedding: [1] }] } } },
    { custom_id: 'a', response: null, error: { code: 'timeout', message: '600 s' } },
    { custom_id: 'a', response: { status_code: 400, body: { error: { message: 'too long' } } }, error: null },
  ].map((line) => JSON.stringify(line))
  expect(lines.map(readOldAnswer)).toEqual(lines.map(readAnswer))
})

it('what is no object is no line, and one that goes deep does no harm', () => {
  expect(['', 'null', '[]', '7', '{"id":'].map(readOldAnswer)).toEqual(Array.from({ length: 5 }, () => null))
  const deep = `${'{"output":'.repeat(2_000)}"x"${'}'.repeat(2_000)}`
  expect(readOldAnswer(deep)?.text).toBe(deep)
})
