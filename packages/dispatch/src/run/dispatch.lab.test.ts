/** Requests through a real llama.cpp with a real small model. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LabEngine, startEngine } from '../../../../lab/start-engine.ts'
import { EngineClient } from '../engine/engine-client.ts'
import { parseEngineMetrics } from '../metrics/parse-engine-metrics.ts'
import type { BatchRequest, RequestResult } from '../request.ts'
import { Dispatch } from './dispatch.ts'

let engine: LabEngine
beforeAll(async () => {
  engine = await startEngine()
})
afterAll(async () => engine.close())

const timeouts = { connectMs: 2_000, requestMs: 60_000, idleMs: 30_000 }
const { signal } = new AbortController()

async function* listRequests(count: number): AsyncIterable<BatchRequest> {
  for (let line = 1; line <= count; line += 1) {
    const messages = [{ role: 'user', content: line === 3 ? 'word '.repeat(5_000) : `Say the number ${line}.` }]
    const body = JSON.stringify({ model: engine.model, messages, max_tokens: 6, temperature: 0 })
    yield { line, customId: `r${line}`, url: '/v1/chat/completions', body }
  }
}

for (const streams of [false, true])
  test(`each request is answered by the model, with its tokens, ${streams ? 'streamed' : 'whole'}`, async () => {
    const { url: baseUrl, apiKey } = engine
    const client = new EngineClient({ baseUrl, apiKey, connectionsMax: 16, timeouts, streams })
    const saved: RequestResult[] = []
    const readMetrics = async () =>
      parseEngineMetrics((await client.getText('/metrics', { signal, timeoutMs: 2_000 })).text)
    const dispatch = new Dispatch({
      engines: [{ name: 'llama', send: (request, calls) => client.send(request, calls), readMetrics }],
      save: async (results) => void saved.push(...results),
    })
    await dispatch.run(listRequests(12), signal)
    await client.close()
    const byLine = new Map(saved.map((result) => [result.request.line, result]))
    expect([saved.length, byLine.size]).toEqual([12, 12])
    for (const [line, { outcome }] of byLine) {
      // A prompt that is longer than the model’s context is refused, once.
      if (line === 3) expect(outcome).toMatchObject({ kind: 'failed', code: 'refused', status: 400 })
      else expect(outcome).toMatchObject({ kind: 'answered', usage: { outputTokens: expect.any(Number) as number } })
    }
    expect(byLine.get(3)?.attempts).toBe(1)
    expect(dispatch.view()[0]?.tokens).toBeGreaterThan(11)
  })
