import { expect, it } from 'vitest'
import { askForStream, readStreamRefusal } from './ask-for-stream.ts'

const chat = '/v1/chat/completions'

it('the wish for a stream is added, and all else stays byte for byte', () => {
  const body = ' {"model":"m", "seed":12345678901234567890, "messages":[{"content":"}"}] }\n'
  const asked = askForStream(chat, body)
  expect(asked).toContain(body.slice(0, body.lastIndexOf('}')))
  expect(JSON.parse(asked ?? '')).toEqual({
    ...JSON.parse(body),
    stream: true,
    stream_options: { include_usage: true },
  })
  expect(JSON.parse(askForStream(chat, '{}') ?? '')).toMatchObject({ stream: true })
})

it('a body that speaks of streaming itself, and other paths, are left alone', () => {
  expect(askForStream(chat, '{"stream":false}')).toBeNull()
  expect(askForStream(chat, '{"stream_options":null}')).toBeNull()
  expect(askForStream('/v1/embeddings', '{"input":"x"}')).toBeNull()
  expect(askForStream(chat, '[]')).toBeNull()
})

it('a refusal of the stream is told from a refusal of the request', () => {
  expect(readStreamRefusal(400, 'Unrecognized request argument supplied: stream_options')).toBe('options')
  expect(readStreamRefusal(422, '{"detail":[{"loc":["body","stream_options","include_usage"]}]}')).toBe('options')
  expect(readStreamRefusal(400, 'beam search cannot stream')).toBe('stream')
  expect(readStreamRefusal(400, 'the prompt is too long')).toBeNull()
  expect(readStreamRefusal(500, 'stream_options')).toBeNull()
})
