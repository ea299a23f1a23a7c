import { describe, expect, it } from 'vitest'
import { describeBody } from './describe-body.ts'
import { readAnswer } from './read-answer.ts'

const read = (line: unknown) => readAnswer(JSON.stringify(line))

it('an answer of a chat is its content, with status and tokens', () => {
  const body = { choices: [{ message: { content: 'yes <b>' } }], usage: { prompt_tokens: 7, completion_tokens: 2 } }
  expect(read({ custom_id: 'r-1', response: { status_code: 200, body }, error: null })).toEqual({
    customId: 'r-1',
    isFailure: false,
    text: 'yes <b>',
    status: 200,
    tokens: { input: 7, output: 2 },
  })
})

describe('of a body is read', () => {
  const call = { function: { name: 'f', arguments: '{}' } }

  it('the text of all choices of a chat, its parts, and its calls of tools', () => {
    expect(describeBody({ choices: [{ message: { content: 'one' } }, { message: { content: 'two' } }] })).toBe(
      'one\ntwo',
    )
    expect(describeBody({ choices: [{ message: { content: [{ text: 'a' }, { text: 'b' }] } }] })).toBe('a\nb')
    expect(describeBody({ choices: [{ message: { content: null, tool_calls: [call] } }] })).toBe(
      '{"name":"f","arguments":"{}"}',
    )
    expect(describeBody({ choices: [{ message: { content: null, refusal: 'no' } }] })).toBe('no')
    expect(describeBody({ choices: [{ message: { content: '' } }] })).toBe('')
  })

  it('that of completions and responses', () => {
    expect(describeBody({ choices: [{ text: 'plain' }] })).toBe('plain')
    const output = [{ type: 'reasoning' }, { content: [{ type: 'output_text', text: 'done' }] }]
    expect(describeBody({ output })).toBe('done')
  })

  it('the beginning of a vector, and a mark that tells it from others', () => {
    const embed = (last: number) => describeBody({ data: [{ embedding: [0.5, 1, 2, 3, last] }] })
    expect(embed(4)).toMatch(/^5 numbers: 0\.5000, 1\.000, 2\.000, 3\.000 … #\w+$/)
    expect(embed(4)).toBe(embed(4))
    expect(embed(4)).not.toBe(embed(5))
    expect(describeBody({ data: [{ embedding: 'AAAA' }] })).toMatch(/^embedding as text, #\w+$/)
  })

  it('all else as JSON, and of none nothing', () => {
    expect(describeBody({ other: 1 })).toBe('{"other":1}')
    expect(describeBody({ choices: [{}] })).toBe('{"choices":[{}]}')
    expect(describeBody(undefined)).toBe('')
  })
})

it('a failure says its code and why, in its own words or in those of the engine', () => {
  expect(read({ custom_id: 'r', response: null, error: { code: 'timeout', message: 'It took 600 s.' } })).toEqual({
    customId: 'r',
    isFailure: true,
    text: 'timeout: It took 600 s.',
    status: null,
    tokens: null,
  })
  const body = { error: { message: 'too long' } }
  expect(read({ custom_id: 'r', response: { status_code: 400, body }, error: null })).toMatchObject({
    isFailure: true,
    text: 'too long',
    status: 400,
  })
  expect(read({ custom_id: 'r', error: {} })?.text).toBe('failed without a reason')
})

it('what is no line of results is none', () => {
  expect(['', '{"custom_id":', '[]', 'null', '{"custom_id":1}', '{"id":"x"}'].map(readAnswer)).toEqual(
    Array.from({ length: 6 }, () => null),
  )
})
