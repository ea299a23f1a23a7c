/** Many requests against an engine that misbehaves, over real sockets: each has one result, and no answer counts twice. */
import { afterEach, expect, test } from 'vitest'
import {
  type StubEngine,
  type StubEngineOptions,
  startStubEngine,
} from '../../../../lab/stub-engine/start-stub-engine.ts'
import { EngineClient } from '../engine/engine-client.ts'
import { parseEngineMetrics } from '../metrics/parse-engine-metrics.ts'
import type { BatchRequest, RequestResult } from '../request.ts'
import { Dispatch } from './dispatch.ts'
import type { DispatchEngine } from './dispatch-engine.ts'

const open: { close: () => Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

const timeouts = { connectMs: 1_000, requestMs: 3_000, idleMs: 1_000 }

async function startEngine(
  options: StubEngineOptions = { instant: true },
): Promise<{ stub: StubEngine; engine: DispatchEngine }> {
  const stub = await startStubEngine(options)
  const client = new EngineClient({ baseUrl: stub.url, apiKey: null, connectionsMax: 256, timeouts })
  open.push(stub, { close: async () => client.destroy() })
  const { signal } = new AbortController()
  const readMetrics = async () =>
    parseEngineMetrics((await client.getText('/metrics', { signal, timeoutMs: 500 })).text)
  return { stub, engine: { name: stub.url, send: (request, calls) => client.send(request, calls), readMetrics } }
}

async function* listRequests(count: number): AsyncIterable<BatchRequest> {
  for (let line = 1; line <= count; line += 1) {
    const body = JSON.stringify({
      model: 'stub',
      messages: [{ role: 'user', content: `question ${line}` }],
      max_tokens: 4,
    })
    yield { line, customId: `r${line}`, url: '/v1/chat/completions', body }
  }
}

async function run(engines: DispatchEngine[], count: number): Promise<RequestResult[]> {
  const saved: RequestResult[] = []
  const save = async (results: readonly RequestResult[]): Promise<void> => void saved.push(...results)
  const dispatch = new Dispatch({ engines, save, attemptsMax: 20, random: () => 0.02 })
  await dispatch.run(listRequests(count), new AbortController().signal)
  return saved
}

/** Each line once, and each answer to its own question. */
function expectAnswered(saved: readonly RequestResult[], count: number): void {
  const lines = saved.map(({ request }) => request.line).toSorted((a, b) => a - b)
  expect(lines).toEqual(Array.from({ length: count }, (_, at) => at + 1))
  for (const { request, outcome } of saved) {
    expect(outcome.kind).toBe('answered')
    if (outcome.kind === 'answered') expect(outcome.body).toContain(`question ${request.line}`)
  }
}

test('a storm of every kind of fault changes nothing of the results', async () => {
  const { stub, engine } = await startEngine()
  stub.faults.random = [
    { share: 0.05, fault: { kind: 'status', status: 500 } },
    { share: 0.05, fault: { kind: 'status', status: 429, headers: { 'retry-after-ms': '20' } } },
    { share: 0.05, fault: { kind: 'status', status: 503 } },
    { share: 0.05, fault: { kind: 'reset' } },
    { share: 0.05, fault: { kind: 'reset-midway' } },
    { share: 0.05, fault: { kind: 'truncated' } },
    { share: 0.05, fault: { kind: 'not-utf8' } },
    { share: 0.05, fault: { kind: 'not-http' } },
  ]
  const saved = await run([engine], 1_500)
  expectAnswered(saved, 1_500)
  expect(saved.some(({ attempts }) => attempts > 2)).toBe(true)
})

test('an engine that dies and comes back finishes what it was sent', async () => {
  const { stub, engine } = await startEngine({ slots: 16, runningMax: 16, tokensPerSecond: 2_000 })
  const running = run([engine], 3_000)
  await expect.poll(() => stub.counts.size).toBeGreaterThan(200)
  await stub.stop()
  await expect.poll(() => stub.connections().open).toBe(0)
  await stub.start()
  expectAnswered(await running, 3_000)
})

test('what an engine never answers is taken from it when its time is over, and the rest goes on meanwhile', async () => {
  const { stub, engine } = await startEngine()
  stub.faults.next = [{ kind: 'stall' }, null, { kind: 'stall-midway' }]
  const saved = await run([engine], 400)
  expectAnswered(saved, 400)
  expect(saved.filter(({ attempts }) => attempts === 2)).toHaveLength(2)
})

test('of two engines the one that stays away loses nothing', async () => {
  const [first, second] = [await startEngine(), await startEngine({ slots: 8, runningMax: 8, tokensPerSecond: 4_000 })]
  const running = run([first.engine, second.engine], 2_000)
  await expect.poll(() => first.stub.counts.size).toBeGreaterThan(100)
  await first.stub.stop()
  expectAnswered(await running, 2_000)
  expect(second.stub.counts.size).toBeGreaterThan(100)
})

test('connections that the engine closes while idle cost nothing', async () => {
  const { stub, engine } = await startEngine({ slots: 4, runningMax: 4, tokensPerSecond: 400 })
  stub.faults.closesIdleAfterMs = 5
  expectAnswered(await run([engine], 300), 300)
})
