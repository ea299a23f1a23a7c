import { PilothouseError } from '@pilothouse/contract'
import { afterEach, expect, it } from 'vitest'
import {
  startStubEngine,
  type StubEngine,
  type StubEngineOptions,
} from '../../../../lab/stub-engine/start-stub-engine.ts'
import type { BatchRequest } from '../request.ts'
import { EngineClient, type EngineOptions } from './engine-client.ts'

const open: { close: () => Promise<void> }[] = []
const { signal } = new AbortController()
const patient = { connectMs: 5_000, requestMs: 60_000, idleMs: 60_000 }

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

async function start(
  options: Partial<EngineOptions> = {},
  stubOptions: StubEngineOptions = { instant: true },
): Promise<{ stub: StubEngine; client: EngineClient }> {
  const stub = await startStubEngine(stubOptions)
  const client = new EngineClient({ baseUrl: stub.url, apiKey: null, connectionsMax: 4, timeouts: patient, ...options })
  open.push(stub, { close: () => client.destroy() })
  return { stub, client }
}

function ask(prompt: string, more: Record<string, unknown> = {}): BatchRequest {
  const body = JSON.stringify({ model: 'stub', messages: [{ role: 'user', content: prompt }], ...more })
  return { line: 1, customId: 'one', url: '/v1/chat/completions', body }
}

it('an answer comes back whole, with its usage and the id of the request', async () => {
  const { stub, client } = await start()
  const attempt = await client.send(ask('two words'), { signal })
  expect(attempt).toEqual({
    kind: 'answered',
    status: 200,
    requestId: 'stub-1',
    body: expect.stringContaining('You said: two words'),
    usage: { inputTokens: 2, cachedTokens: 0, outputTokens: 4, reasoningTokens: 0 },
  })
  expect(stub.last()?.body).toBe(ask('two words').body)
  expect(stub.counts.get('two words')).toBe(1)
})

it('completions, embeddings and responses are answered, too', async () => {
  const { client } = await start()
  const send = async (url: string, body: Record<string, unknown>) =>
    client.send({ line: 1, customId: 'one', url, body: JSON.stringify(body) }, { signal })
  expect(await send('/v1/completions', { prompt: 'a b' })).toMatchObject({
    kind: 'answered',
    usage: { outputTokens: 4 },
  })
  expect(await send('/v1/embeddings', { input: 'a b' })).toMatchObject({ kind: 'answered', usage: { inputTokens: 2 } })
  expect(await send('/v1/responses', { input: 'a b' })).toMatchObject({ kind: 'answered', usage: { outputTokens: 4 } })
})

it('a streamed answer is the one that would have come whole', async () => {
  const { stub, client } = await start()
  const streaming = new EngineClient({
    baseUrl: stub.url,
    apiKey: null,
    connectionsMax: 1,
    timeouts: patient,
    streams: true,
  })
  open.push({ close: () => streaming.destroy() })
  const kinds = [{}, { n: 2 }, { logprobs: true }, { tools: [{}] }, { reasoning_effort: 'low' }]
  for (const more of kinds) {
    const whole = await client.send(ask('ß, € and 🜁 alike', more), { signal })
    const streamed = await streaming.send(ask('ß, € and 🜁 alike', more), { signal })
    expect(stub.last()?.body).toContain('"stream":true')
    expect({ ...streamed, body: readId(streamed.body) }).toEqual({
      ...whole,
      requestId: streamed.requestId,
      body: readId(whole.body),
    })
  }
})

it('the tokens of a stream are told while more are to come', async () => {
  const { client } = await start({ streams: true }, { tokensPerSecond: 1_000 })
  const stop = new AbortController()
  const onTokens = () => stop.abort(new Error('seen'))
  const sending = client.send(ask('one two three', { max_tokens: 50_000 }), { signal: stop.signal, onTokens })
  await expect(sending).rejects.toThrow('seen')
})

it('the tokens of a stream add up to what the engine counted', async () => {
  const { client } = await start({ streams: true })
  let told = 0
  const attempt = await client.send(ask('one two three', { max_tokens: 40 }), {
    signal,
    onTokens: (count) => (told += count),
  })
  expect(attempt).toMatchObject({ kind: 'answered', usage: { outputTokens: 40 } })
  expect(told).toBe(40)
})

it('without streams the tokens are told at once', async () => {
  const { client } = await start()
  const told: number[] = []
  await client.send(ask('a', { max_tokens: 9 }), { signal, onTokens: (count) => told.push(count) })
  expect(told).toEqual([9])
})

it('an engine that knows no stream options is asked without streams from then on', async () => {
  const { stub, client } = await start({ streams: true })
  stub.faults.refusesStream = 'options'
  expect(await client.send(ask('a'), { signal })).toMatchObject({ kind: 'answered' })
  expect(stub.received()).toBe(2)
  expect(await client.send(ask('b'), { signal })).toMatchObject({ kind: 'answered' })
  expect(stub.received()).toBe(3)
  expect(stub.last()?.body).not.toContain('stream')
})

it('a request that cannot be streamed is sent as it is, and the next one is streamed again', async () => {
  const { stub, client } = await start({ streams: true })
  stub.faults.refusesStream = 'stream'
  expect(await client.send(ask('a'), { signal })).toMatchObject({ kind: 'answered' })
  stub.faults.refusesStream = null
  await client.send(ask('b'), { signal })
  expect(stub.last()?.body).toContain('"stream":true')
})

it('key and headers are sent along, below the prefix of the base, with v1 once', async () => {
  const { stub } = await start({}, { instant: true, prefix: '/api', apiKey: 'sk-1' })
  const options = { apiKey: 'sk-1', headers: { 'X-Tenant': 'research' }, connectionsMax: 1, timeouts: patient }
  const client = new EngineClient({ ...options, baseUrl: `${stub.url}/v1/` })
  open.push({ close: () => client.destroy() })
  expect(await client.send(ask('a'), { signal })).toMatchObject({ kind: 'answered' })
  expect(stub.last()?.headers).toMatchObject({ 'x-tenant': 'research', 'content-type': 'application/json' })
  expect(await client.getText('/metrics', { signal, timeoutMs: 5_000 })).toMatchObject({
    status: 200,
    text: expect.stringContaining('vllm:num_requests_waiting{engine="0",model_name="stub"} 0.0'),
  })
  expect(await client.getText('/props', { signal, timeoutMs: 5_000 })).toMatchObject({ status: 404 })
})

it('no error repeats the key, whatever the engine does with it', async () => {
  const { stub, client } = await start({ apiKey: 'sk-very-secret' })
  const body = JSON.stringify({ error: { message: `${'x'.repeat(492)}sk-very-secret is no key` } })
  stub.faults.next = [{ kind: 'status', status: 401, body }]
  const attempt = await client.send(ask('a'), { signal })
  expect(attempt).toMatchObject({ kind: 'failed', code: 'engine_error', isFinal: false, isAway: true, status: 401 })
  expect(JSON.stringify(attempt)).not.toContain('sk-v')
  const make = () =>
    new EngineClient({ baseUrl: stub.url, apiKey: 'sk-\nsecret', connectionsMax: 1, timeouts: patient })
  expect(make).toThrow(PilothouseError)
  expect(make).not.toThrow(/secret/)
})

it('headers that belong to the connection are refused', () => {
  const make = () =>
    new EngineClient({
      baseUrl: 'http://host',
      apiKey: null,
      headers: { 'Content-Length': '1' },
      connectionsMax: 1,
      timeouts: patient,
    })
  expect(make).toThrow(/content-length/)
})

it('figures are read while all connections for requests are in use', async () => {
  const { stub, client } = await start({ connectionsMax: 1 }, { tokensPerSecond: 0.001 })
  const stop = new AbortController()
  const sending = client.send(ask('a'), { signal: stop.signal })
  await expect.poll(() => stub.service?.running).toBe(1)
  const { text } = await client.getText('/metrics', { signal, timeoutMs: 5_000 })
  expect(text).toContain('vllm:num_requests_running{engine="0",model_name="stub"} 1.0')
  stop.abort(new Error('enough'))
  await expect(sending).rejects.toThrow('enough')
  await expect.poll(() => stub.service?.running).toBe(0)
})

it('who aborts gets the own reason back, before and while it is sent', async () => {
  const { stub, client } = await start({ streams: true })
  await expect(client.send(ask('a'), { signal: AbortSignal.abort(new Error('never mind')) })).rejects.toThrow(
    'never mind',
  )
  expect(stub.received()).toBe(0)
  for (const kind of ['stall', 'stall-midway'] as const) {
    const stop = new AbortController()
    stub.faults.next = [{ kind }]
    const before = stub.received()
    const sending = client.send(ask('a'), { signal: stop.signal })
    await expect.poll(() => stub.received()).toBe(before + 1)
    stop.abort(new Error('enough'))
    await expect(sending).rejects.toThrow('enough')
  }
})

it('a client that is destroyed gives up what is under way, and takes nothing more', async () => {
  const { stub, client } = await start()
  stub.faults.next = [{ kind: 'stall' }]
  const sending = client.send(ask('a'), { signal })
  await expect.poll(() => stub.received()).toBe(1)
  await Promise.all([expect(sending).rejects.toMatchObject({ code: 'unavailable' }), client.destroy()])
  await expect(client.send(ask('b'), { signal })).rejects.toMatchObject({ code: 'unavailable' })
})

it('a client that is closed finishes what is under way', async () => {
  const { stub, client } = await start({}, { tokensPerSecond: 100 })
  const sending = client.send(ask('a', { max_tokens: 10 }), { signal })
  await expect.poll(() => stub.received()).toBe(1)
  await client.close()
  expect(await sending).toMatchObject({ kind: 'answered' })
})

it('a question that is not answered in time says so', async () => {
  const { stub, client } = await start()
  await stub.stop()
  const asked = client.getText('/health', { signal, timeoutMs: 5_000 })
  await expect(asked).rejects.toMatchObject({
    code: 'unavailable',
    message: 'Nothing listens at the address of the engine.',
  })
})

/** An answer without its id, which follows from the body that was sent. */
function readId(body: string | null): unknown {
  const { id: _, ...answer } = JSON.parse(body ?? '') as Record<string, unknown>
  return answer
}
