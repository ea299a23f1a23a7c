/** What becomes of requests while the engine does each thing wrong that it can. */
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startStubEngine, type StubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import type { Fault } from '../../../../lab/stub-engine/stub-faults.ts'
import type { BatchRequest } from '../request.ts'
import { type Attempt, EngineClient, type EngineOptions } from './engine-client.ts'

const { signal } = new AbortController()
const timeouts = { connectMs: 5_000, requestMs: 60_000, idleMs: 60_000 }
const request: BatchRequest = {
  line: 1,
  customId: 'one',
  url: '/v1/chat/completions',
  body: JSON.stringify({ model: 'stub', messages: [{ role: 'user', content: 'a prompt of some words' }] }),
}

let stub: StubEngine
const clients: EngineClient[] = []

beforeEach(async () => {
  stub = await startStubEngine({ instant: true })
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()))
  await stub.close()
})

function connect(options: Partial<EngineOptions> = {}): EngineClient {
  const client = new EngineClient({ baseUrl: stub.url, apiKey: null, connectionsMax: 4, timeouts, ...options })
  clients.push(client)
  return client
}

/** What comes of a request that meets a fault on a new connection. */
async function meet(fault: Fault, options: Partial<EngineOptions> = {}): Promise<Attempt> {
  stub.faults.next = [fault]
  return connect(options).send(request, { signal })
}

it('too many requests are tried again, as late as the engine asks for', async () => {
  const busy = { kind: 'failed', code: 'engine_error', status: 429, isFinal: false, slowsDown: true }
  expect(await meet({ kind: 'status', status: 429 })).toMatchObject({ ...busy, retryAfterMs: null })
  const headers = { 'retry-after': '7' }
  expect(await meet({ kind: 'status', status: 429, headers })).toMatchObject({ ...busy, retryAfterMs: 7_000 })
})

it('an overloaded engine slows down, one that failed does not', async () => {
  expect(await meet({ kind: 'status', status: 503 })).toMatchObject({ status: 503, isFinal: false, slowsDown: true })
  expect(await meet({ kind: 'status', status: 500 })).toMatchObject({
    code: 'engine_error',
    message: 'stub status 500',
    status: 500,
    isFinal: false,
    slowsDown: false,
    body: expect.stringContaining('stub status 500'),
  })
})

it('what the engine refuses is final, with its words bounded', async () => {
  const body = JSON.stringify({ error: { message: 'too long. '.repeat(20_000) } })
  const attempt = await meet({ kind: 'status', status: 400, body })
  expect(attempt).toMatchObject({ kind: 'failed', code: 'refused', isFinal: true, status: 400 })
  expect(attempt.body?.length).toBe(65_536)
})

it('a reset before the answer is a broken connection', async () => {
  expect(await meet({ kind: 'reset' })).toMatchObject({
    kind: 'failed',
    code: 'connection',
    message: 'The engine cut the connection.',
    status: null,
    body: null,
    isFinal: false,
    slowsDown: false,
  })
  expect(stub.received()).toBe(1)
})

it('a reset amid the answer is a broken connection, whole or streamed', async () => {
  for (const streams of [false, true]) {
    const attempt = await meet({ kind: 'reset-midway' }, { streams })
    expect(attempt).toMatchObject({ kind: 'failed', code: 'connection', status: 200, isFinal: false, slowsDown: false })
  }
  expect(stub.counts.size).toBe(0)
})

it('an idle connection that the engine has closed costs no attempt', async () => {
  const client = connect({ connectionsMax: 1 })
  await client.send(request, { signal })
  stub.faults.next = [{ kind: 'reset' }]
  expect(await client.send(request, { signal })).toMatchObject({ kind: 'answered' })
  expect(stub.received()).toBe(3)
  expect(stub.connections().opened).toBe(2)
})

it('a connection that was cut while the engine worked is not taken for an idle one', async () => {
  // The second request is sent at 0 and cut a minute later.
  const times = [0, 0]
  const client = connect({ connectionsMax: 1, now: () => times.shift() ?? 60_000 })
  await client.send(request, { signal })
  stub.faults.next = [{ kind: 'reset' }]
  expect(await client.send(request, { signal })).toMatchObject({ kind: 'failed', code: 'connection' })
})

it('an engine that closes idle connections soon is served by new ones', async () => {
  stub.faults.closesIdleAfterMs = 20
  const client = connect({ connectionsMax: 1 })
  for (const opened of [1, 2, 3]) {
    expect(await client.send(request, { signal })).toMatchObject({ kind: 'answered' })
    expect(stub.connections().opened).toBe(opened)
    await expect.poll(() => stub.connections().open).toBe(0)
  }
})

it('an engine that never answers runs into the limit of a request', async () => {
  const attempt = await meet({ kind: 'stall' }, { timeouts: { ...timeouts, requestMs: 100 } })
  expect(attempt).toMatchObject({
    kind: 'failed',
    code: 'timeout',
    message: 'There was no whole answer within 0.1 s.',
    isFinal: false,
    slowsDown: false,
  })
})

it('a request may say itself how long it may take', async () => {
  stub.faults.next = [{ kind: 'stall' }]
  const attempt = await connect().send({ ...request, timeoutMs: 100 }, { signal })
  expect(attempt).toMatchObject({ code: 'timeout', message: 'There was no whole answer within 0.1 s.' })
})

it('an answer that stands still is given up long before that, whole or streamed', async () => {
  for (const streams of [false, true]) {
    const attempt = await meet({ kind: 'stall-midway' }, { streams, timeouts: { ...timeouts, idleMs: 100 } })
    expect(attempt).toMatchObject({
      kind: 'failed',
      code: 'timeout',
      message: 'The answer stood still for 0.1 s.',
      status: 200,
    })
  }
})

it('a cut JSON, a stream without its end and bytes that are no text are bad answers', async () => {
  const kinds = [
    { fault: { kind: 'truncated' }, streams: false },
    { fault: { kind: 'truncated' }, streams: true },
    { fault: { kind: 'unended' }, streams: true },
    { fault: { kind: 'not-utf8' }, streams: false },
    { fault: { kind: 'not-utf8' }, streams: true },
  ] as const
  for (const { fault, streams } of kinds) {
    const attempt = await meet(fault, { streams })
    expect(attempt).toMatchObject({ kind: 'failed', code: 'bad_answer', status: 200, isFinal: false })
  }
})

it('a success without choices is a bad answer, with the words that came instead', async () => {
  const body = JSON.stringify({ error: { message: 'no worker is left' } })
  const attempt = await meet({ kind: 'status', status: 200, body })
  expect(attempt).toMatchObject({ code: 'bad_answer', message: 'no worker is left', body })
  expect(await meet({ kind: 'status', status: 200, body: '<html>' })).toMatchObject({
    code: 'bad_answer',
    body: '<html>',
  })
})

it('what speaks no HTTP is a bad answer', async () => {
  expect(await meet({ kind: 'not-http' })).toMatchObject({ kind: 'failed', code: 'bad_answer', isFinal: false })
})

it('an error amid a stream is judged by its status, or is a bad answer', async () => {
  const named = await meet({ kind: 'error-chunk', error: { message: 'busy', code: 503 } }, { streams: true })
  expect(named).toMatchObject({ code: 'engine_error', message: 'busy', slowsDown: true, status: 200 })
  const unnamed = await meet({ kind: 'error-chunk', error: { message: 'lost a worker' } }, { streams: true })
  expect(unnamed).toMatchObject({ code: 'bad_answer', message: 'lost a worker', isFinal: false })
})

it('an engine that pays no heed to the wish for a stream is understood', async () => {
  const body = JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } })
  const attempt = await meet({ kind: 'status', status: 200, body }, { streams: true })
  expect(attempt).toMatchObject({ kind: 'answered', body, usage: { outputTokens: 2 } })
})

it('an answer that is too large is given up for good', async () => {
  const large = { ...request, body: request.body.replace('some words', 'words '.repeat(4_000)) }
  for (const streams of [false, true]) {
    const attempt = await connect({ streams, answerBytesMax: 10_000 }).send(large, { signal })
    expect(attempt).toMatchObject({ kind: 'failed', code: 'bad_answer', isFinal: true })
  }
})

it('an answer belongs to its request by its connection, whatever id it has', async () => {
  for (const id of [null, 'chatcmpl-of-another']) {
    expect(await meet({ kind: 'id', id })).toMatchObject({
      kind: 'answered',
      body: expect.stringContaining('some words'),
    })
  }
})

it('one slow answer in many holds up no other', async () => {
  await stub.close()
  stub = await startStubEngine({ tokensPerSecond: 2_000 })
  stub.faults.next = [{ kind: 'slow', factor: 1e9 }]
  const client = connect()
  const stop = new AbortController()
  const slow = client.send(request, { signal: stop.signal })
  await expect.poll(() => stub.service?.running).toBe(1)
  expect(await client.send(request, { signal })).toMatchObject({ kind: 'answered' })
  expect(stub.service?.running).toBe(1)
  stop.abort(new Error('enough'))
  await expect(slow).rejects.toThrow('enough')
})

it('an engine that is away slows down until it is back', async () => {
  const client = connect()
  await client.send(request, { signal })
  await stub.stop()
  const away = { kind: 'failed', code: 'connection', isFinal: false, slowsDown: true, status: null }
  expect(await client.send(request, { signal })).toMatchObject(away)
  await stub.start()
  expect(await client.send(request, { signal })).toMatchObject({ kind: 'answered' })
})

it('a name that nobody knows is an engine that is away', async () => {
  const attempt = await connect({ baseUrl: 'http://engine.invalid:1' }).send(request, { signal })
  expect(attempt).toMatchObject({ kind: 'failed', code: 'connection', slowsDown: true })
})

it('a port that takes connections and never speaks runs into the limit, too', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const client = connect({ baseUrl: `http://127.0.0.1:${port}`, timeouts: { ...timeouts, requestMs: 100 } })
  expect(await client.send(request, { signal })).toMatchObject({ code: 'timeout' })
  for (const socket of sockets) socket.destroy()
  server.close()
})

it('of many requests amid all kinds of faults each is answered once it is sent often enough', async () => {
  const faults: Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'reset' },
    { kind: 'truncated' },
    { kind: 'reset-midway' },
  ]
  stub.faults.random = faults.map((fault) => ({ share: 0.1, fault }))
  const client = connect({ streams: true })
  const prompts = Array.from({ length: 100 }, (_, index) => `prompt ${index}`)
  await Promise.all(
    prompts.map(async (prompt) => {
      const body = JSON.stringify({ model: 'stub', messages: [{ role: 'user', content: prompt }] })
      let attempt = await client.send({ ...request, body }, { signal })
      while (attempt.kind === 'failed') attempt = await client.send({ ...request, body }, { signal })
      expect(JSON.parse(attempt.body)).toMatchObject({ choices: [{ message: { content: `You said: ${prompt}` } }] })
    }),
  )
  expect([...stub.counts.values()]).toEqual(prompts.map(() => 1))
})
