import { expect, it } from 'vitest'
import { type AnswerHeaders, type Failure, judgeFailure } from './judge-failure.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

function judgeStatus(status: number, headers: AnswerHeaders = {}, body = ''): Failure {
  return judgeFailure({ kind: 'status', status, headers, body }, now)
}

function judgeCode(code: string): Failure {
  return judgeFailure({ kind: 'broken', error: Object.assign(new Error(`it broke: ${code}`), { code }) }, now)
}

it('what may pass by itself is tried again, and only what is too much slows down', () => {
  for (const status of [408, 409, 425, 500, 502, 504, 529]) {
    expect(judgeStatus(status)).toMatchObject({ code: 'engine_error', isFinal: false, slowsDown: false })
  }
  for (const status of [429, 503]) {
    expect(judgeStatus(status)).toMatchObject({ code: 'engine_error', isFinal: false, slowsDown: true })
  }
})

it('what is wrong with the request itself is final, a prompt that is too long among it', () => {
  for (const status of [400, 403, 404, 413, 422]) {
    expect(judgeStatus(status)).toMatchObject({ code: 'refused', isFinal: true, slowsDown: false })
  }
  const body = JSON.stringify({
    error: { message: 'maximum context length is 4096 tokens', code: 'context_length_exceeded' },
  })
  expect(judgeStatus(400, {}, body)).toMatchObject({ isFinal: true, message: 'maximum context length is 4096 tokens' })
})

it('a key that is refused is no fault of the request, and what an engine cannot do it never can', () => {
  expect(judgeStatus(401)).toMatchObject({ code: 'engine_error', isFinal: false, slowsDown: true, isAway: true })
  expect(judgeStatus(501)).toMatchObject({ isFinal: true, slowsDown: false, isAway: false })
})

it('a redirect is not followed, and said to be one', () => {
  expect(judgeStatus(307)).toMatchObject({
    code: 'refused',
    isFinal: true,
    message: expect.stringContaining('redirect'),
  })
})

it('x-should-retry has the last word', () => {
  expect(judgeStatus(500, { 'x-should-retry': 'false' })).toMatchObject({ code: 'engine_error', isFinal: true })
  expect(judgeStatus(429, { 'x-should-retry': 'false' })).toMatchObject({ code: 'refused', isFinal: true })
  expect(judgeStatus(400, { 'x-should-retry': 'true' })).toMatchObject({ code: 'engine_error', isFinal: false })
})

it('retry-after is read in seconds, as a date, and in ms before both', () => {
  const read = (headers: AnswerHeaders) => judgeStatus(429, headers).retryAfterMs
  expect(read({})).toBeNull()
  expect(read({ 'retry-after': '2' })).toBe(2_000)
  expect(read({ 'retry-after': '0.5' })).toBe(500)
  expect(read({ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' })).toBe(30_000)
  expect(read({ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' })).toBe(0)
  expect(read({ 'retry-after': 'soon' })).toBeNull()
  expect(read({ 'retry-after': '-5' })).not.toBe(-5_000)
  expect(read({ 'retry-after-ms': '250', 'retry-after': '2' })).toBe(250)
})

it('the words of the engine are found in the shapes that engines have', () => {
  const message = (body: unknown) => judgeStatus(500, {}, JSON.stringify(body)).message
  expect(message({ error: { message: 'a' } })).toBe('a')
  expect(message({ error: 'b' })).toBe('b')
  expect(message({ object: 'error', message: 'c' })).toBe('c')
  expect(message({ detail: 'd' })).toBe('d')
  expect(message({ detail: [{ msg: 'e' }] })).toBe('[{"msg":"e"}]')
  expect(message({ error: { message: ' ' } })).toBe('The engine answered with status 500.')
  expect(judgeStatus(502, {}, '<html>').message).toBe('The engine answered with status 502.')
})

it('a message is bounded and never ends in half a character', () => {
  for (const before of ['', 'x']) {
    const { message } = judgeStatus(400, {}, JSON.stringify({ error: before + '🜁'.repeat(1_000) }))
    expect(message.length).toBeLessThanOrEqual(500)
    expect(message.isWellFormed()).toBe(true)
    expect(message.endsWith('🜁…')).toBe(true)
  }
})

it('an engine that is away is told from a connection that was cut', () => {
  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ]) {
    expect(judgeCode(code)).toMatchObject({ code: 'connection', isFinal: false, slowsDown: true })
  }
  for (const code of ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']) {
    expect(judgeCode(code)).toMatchObject({ code: 'connection', isFinal: false, slowsDown: false })
  }
})

it('what is no HTTP or no text is a bad answer', () => {
  const bad = { code: 'bad_answer', isFinal: false, slowsDown: false }
  for (const code of ['UND_ERR_HEADERS_OVERFLOW', 'ERR_ENCODING_INVALID_ENCODED_DATA']) {
    expect(judgeCode(code)).toMatchObject(bad)
  }
  const error = Object.assign(new Error('no HTTP'), { name: 'HTTPParserError' })
  expect(judgeFailure({ kind: 'broken', error }, now)).toMatchObject(bad)
})

it('limits that ran out and bad answers keep their words', () => {
  expect(judgeFailure({ kind: 'timeout', message: 'too long' }, now)).toMatchObject({
    code: 'timeout',
    message: 'too long',
    isFinal: false,
  })
  expect(judgeFailure({ kind: 'bad', message: 'huge', isFinal: true }, now)).toMatchObject({
    code: 'bad_answer',
    isFinal: true,
  })
})
