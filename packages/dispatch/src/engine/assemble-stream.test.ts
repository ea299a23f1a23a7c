import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answerTo } from '../../../../lab/stub-engine/stub-answers.ts'
import { splitAnswer } from '../../../../lab/stub-engine/stub-stream.ts'
import { StreamAssembler, type StreamEnd } from './assemble-stream.ts'
import { EventStreamReader } from './event-stream-reader.ts'

function assemble(...chunks: unknown[]): StreamEnd {
  const assembler = new StreamAssembler()
  for (const chunk of chunks) assembler.add(typeof chunk === 'string' ? chunk : JSON.stringify(chunk))
  return assembler.finish()
}

/** The one choice of a chat whose deltas these are. */
function assembleDeltas(...deltas: unknown[]): unknown {
  const end = assemble(...deltas.map((delta) => ({ choices: [{ index: 0, delta }] })), '[DONE]')
  return end.kind === 'whole' ? (end.answer['choices'] as { message: unknown }[])[0]?.message : end
}

it('a chat as OpenAI streams it becomes the chat completion', () => {
  const head = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 7,
    model: 'm',
    system_fingerprint: 'fp',
    obfuscation: 'x',
  }
  const empty = { role: 'assistant', content: '', refusal: null }
  const end = assemble(
    { ...head, choices: [{ index: 0, delta: empty, logprobs: null, finish_reason: null }], usage: null },
    { ...head, choices: [{ index: 0, delta: { content: 'Hel' }, logprobs: null, finish_reason: null }], usage: null },
    { ...head, choices: [{ index: 0, delta: { content: 'lo' }, logprobs: null, finish_reason: null }], usage: null },
    { ...head, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], usage: null },
    { ...head, choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    '[DONE]',
  )
  expect(end).toEqual({
    kind: 'whole',
    answer: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 7,
      model: 'm',
      system_fingerprint: 'fp',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    },
  })
})

it('a first chunk without names, as filters of hosted engines send it, does not name the answer', () => {
  const end = assemble(
    { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [1] },
    {
      id: 'a',
      object: 'chat.completion.chunk',
      created: 5,
      model: 'm',
      choices: [{ index: 0, delta: { content: 'x' } }],
    },
    '[DONE]',
  )
  expect(end).toMatchObject({
    answer: { id: 'a', object: 'chat.completion', created: 5, model: 'm', prompt_filter_results: [1] },
  })
})

it('tool calls grow by their index, and a message that calls has no content', () => {
  const message = assembleDeltas(
    { role: 'assistant', content: '' },
    { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'two', arguments: '' } }] },
    { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'one', arguments: '{"x"' } }] },
    {
      tool_calls: [
        { index: 0, function: { arguments: ':1}' } },
        { index: 1, function: { name: '', arguments: '{}' } },
      ],
    },
  )
  expect(message).toEqual({
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'a', type: 'function', function: { name: 'one', arguments: '{"x":1}' } },
      { id: 'b', type: 'function', function: { name: 'two', arguments: '{}' } },
    ],
  })
})

it('tool calls without an index are told apart by their ids', () => {
  const message = assembleDeltas(
    { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'one', arguments: '1' } }] },
    { tool_calls: [{ function: { arguments: '2' } }] },
    { tool_calls: [{ id: 'b', function: { name: 'two', arguments: '3' } }] },
  )
  expect(message).toMatchObject({
    tool_calls: [
      { id: 'a', function: { name: 'one', arguments: '12' } },
      { id: 'b', function: { name: 'two', arguments: '3' } },
    ],
  })
})

it('a function call, a refusal and reasoning grow like content', () => {
  const call = assembleDeltas(
    { role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } },
    { function_call: { arguments: '{' } },
    { function_call: { arguments: '}' } },
  )
  expect(call).toEqual({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } })
  const thought = assembleDeltas(
    { role: 'assistant', content: null, reasoning_content: 'so ' },
    { reasoning_content: 'be it', content: null },
    { content: 'yes' },
    { refusal: 'n' },
    { refusal: 'o' },
  )
  expect(thought).toEqual({ role: 'assistant', content: 'yes', reasoning_content: 'so be it', refusal: 'no' })
})

it('log probabilities and lists that engines add are joined', () => {
  const end = assemble(
    {
      object: 'text_completion',
      choices: [
        { index: 0, text: 'a', logprobs: { tokens: ['a'], text_offset: [0] }, token_ids: [1], stop_reason: null },
      ],
    },
    {
      object: 'text_completion',
      choices: [
        { index: 0, text: 'b', logprobs: { tokens: ['b'], text_offset: [1] }, token_ids: [2], stop_reason: '.' },
      ],
    },
    '[DONE]',
  )
  expect(end).toMatchObject({
    answer: {
      object: 'text_completion',
      choices: [
        { text: 'ab', logprobs: { tokens: ['a', 'b'], text_offset: [0, 1] }, token_ids: [1, 2], stop_reason: '.' },
      ],
    },
  })
})

it('without its end, without choices, or with what is no JSON it is no answer', () => {
  const chunk = { choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] }
  expect(assemble(chunk)).toMatchObject({ kind: 'broken' })
  expect(assemble('[DONE]')).toMatchObject({ kind: 'broken' })
  expect(assemble(chunk, '{"choices":', '[DONE]')).toMatchObject({ kind: 'broken' })
})

it('an error amid the chunks ends it, with its status where it names one', () => {
  const chunk = { choices: [{ index: 0, delta: { content: 'x' } }] }
  expect(assemble(chunk, { error: { message: 'out of memory', code: 500 } }, '[DONE]')).toEqual({
    kind: 'error',
    status: 500,
    body: '{"error":{"message":"out of memory","code":500}}',
  })
  expect(assemble({ error: { message: 'm', code: 'server_error' } })).toMatchObject({ kind: 'error', status: null })
  expect(assemble({ ...chunk, error: null }, '[DONE]')).toMatchObject({ kind: 'whole' })
  const assembler = new StreamAssembler()
  assembler.add('{"message":"m","code":429}', 'error')
  expect(assembler.finish()).toMatchObject({ kind: 'error', status: 429 })
})

it('a chunk counts once for each choice that got something to read', () => {
  const assembler = new StreamAssembler()
  const add = (...choices: unknown[]) => assembler.add(JSON.stringify({ choices }))
  expect(add({ index: 0, delta: { role: 'assistant', content: '' } })).toBe(0)
  expect(add({ index: 0, delta: { content: 'a' } }, { index: 1, delta: { reasoning_content: 'b' } })).toBe(2)
  expect(add({ index: 0, delta: {}, finish_reason: 'stop' })).toBe(0)
})

it('names that reach into the language are left out', () => {
  const text =
    '{"__proto__":{"polluted":1},"choices":[{"index":0,"__proto__":{"polluted":1},"delta":{"__proto__":{"polluted":1},"content":"x"}}]}'
  expect(JSON.stringify(assemble(text, '[DONE]'))).not.toContain('polluted')
})

const unit = fc.constantFrom('a', 'Z', '7', ' ', '\n', '\r', '"', '\\', '{', 'ü', '€', '🜁', '\u2028', '\0')
const text = fc.string({ unit, maxLength: 30 })
const words = text.filter((value) => value !== '')
const called = fc.record({ name: text, arguments: text })
const logprobs = fc.array(fc.record({ token: text, logprob: fc.double({ noNaN: true, max: 0 }) }), {
  minLength: 1,
  maxLength: 5,
})
const reason = fc.constantFrom('stop', 'length')

const spoken = fc.record(
  { role: fc.constant('assistant'), content: text, refusal: fc.option(words), reasoning_content: words },
  { requiredKeys: ['role', 'content', 'refusal'] },
)
const calling = fc.record({
  role: fc.constant('assistant'),
  content: fc.constant(null),
  refusal: fc.constant(null),
  tool_calls: fc.array(fc.record({ id: text, type: fc.constant('function'), function: called }), {
    minLength: 1,
    maxLength: 3,
  }),
})
const asked = fc.record({ role: fc.constant('assistant'), content: fc.constant(null), function_call: called })

const chatChoice = fc.record({
  message: fc.oneof(spoken, calling, asked),
  logprobs: fc.option(logprobs.map((content) => ({ content, refusal: null }))),
  finish_reason: reason,
})
const textChoice = fc.record({ text, logprobs: fc.constant(null), finish_reason: reason })
const frame = {
  id: fc.constant('c-1'),
  created: fc.nat(),
  model: fc.constant('m'),
  system_fingerprint: fc.option(text),
}
const usage = fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), total_tokens: fc.nat() })
const numbered = <Made extends object>(choice: fc.Arbitrary<Made>) =>
  fc.array(choice, { minLength: 1, maxLength: 3 }).map((all) => all.map((one, index) => ({ index, ...one })))
const answers = fc.oneof(
  fc.record({ ...frame, object: fc.constant('chat.completion'), choices: numbered(chatChoice), usage }),
  fc.record({ ...frame, object: fc.constant('text_completion'), choices: numbered(textChoice), usage }),
)

it('whatever an answer holds and however it is cut, its stream becomes the same answer', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(answers, sizes, sizes, (answer, textSizes, byteSizes) => {
      const cut = (whole: string) => cutText(whole, textSizes)
      const lines = splitAnswer(answer, cut).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
      const bytes = Buffer.from(`${lines.join('')}data: [DONE]\n\n`)
      const reader = new EventStreamReader()
      const assembler = new StreamAssembler()
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = (byteSizes[turn % byteSizes.length] ?? 1) * 11
        for (const { data } of reader.push(bytes.subarray(at, at + size))) assembler.add(data)
        at += size
      }
      const end = assembler.finish()
      // Through JSON, as it is kept: there a zero has no sign.
      expect(end.kind === 'whole' ? JSON.parse(JSON.stringify(end.answer)) : end).toEqual(
        JSON.parse(JSON.stringify(answer)),
      )
    }),
    { numRuns: 500 },
  )
})

it('answers of the stand-in survive being streamed, too', () => {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'a tale of ß and 🜁' }] }]
  for (const more of [{}, { n: 3 }, { logprobs: true }, { tools: [{}] }, { reasoning_effort: 'low' }]) {
    const made = answerTo('/v1/chat/completions', { model: 'm', messages, ...more }, 'seed')
    const end = made && assemble(...splitAnswer(made.answer), '[DONE]')
    expect(end).toEqual({ kind: 'whole', answer: made?.answer })
  }
})

/** Into pieces of so many UTF-16 units by turns; JSON escapes halves of characters, and they become whole again. */
function cutText(whole: string, sizes: readonly number[]): string[] {
  const pieces: string[] = []
  for (let at = 0, turn = 0; at < whole.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    pieces.push(whole.slice(at, at + size))
    at += size
  }
  return pieces
}
