import { afterEach, beforeEach, expect, it } from 'vitest'
import { startStubEngine, type StubEngine } from './start-stub-engine.ts'
import { StubService } from './stub-service.ts'

const service = { slots: 2, runningMax: 3, tokensPerSecond: 1_000, degradation: 0.5 }
let stub: StubEngine

beforeEach(async () => {
  stub = await startStubEngine(service)
})

afterEach(async () => stub.close())

async function ask(prompt: string, more: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ model: 'stub', prompt, ...more })
  return fetch(`${stub.url}/v1/completions`, { method: 'POST', body, ...(signal ? { signal } : {}) })
}

it('its throughput rises up to the slots and falls behind them', () => {
  const { speedAt } = { speedAt: (running: number) => new StubService(service).speedAt(running) * running }
  expect(speedAt(1)).toBe(1_000)
  expect(speedAt(2)).toBe(2_000)
  expect(speedAt(8)).toBeCloseTo(1_000)
})

it('what is beyond its bounds waits, and its metrics tell of both', async () => {
  const stop = new AbortController()
  const asked = Array.from({ length: 5 }, async (_, index) => ask(`p ${index}`, { max_tokens: 1e5 }, stop.signal))
  await expect.poll(() => [stub.service?.running, stub.service?.waiting]).toEqual([3, 2])
  const text = await (await fetch(`${stub.url}/metrics`)).text()
  expect(text).toContain('# TYPE vllm:num_requests_running gauge\n')
  expect(text).toContain('vllm:num_requests_running{engine="0",model_name="stub"} 3.0\n')
  expect(text).toContain('vllm:num_requests_waiting{engine="0",model_name="stub"} 2.0\n')
  expect(text).toContain('vllm:num_preemptions_total{engine="0",model_name="stub"} 1.0\n')
  expect(text).toContain('vllm:prompt_tokens_total{engine="0",model_name="stub"} 10.0\n')
  stop.abort()
  await Promise.allSettled(asked)
  await expect.poll(() => [stub.service?.running, stub.service?.waiting]).toEqual([0, 0])
  expect(stub.counts.size).toBe(0)
})

it('it answers the same to the same request, and counts what it answered', async () => {
  const [one, two] = [await (await ask('a b')).text(), await (await ask('a b')).text()]
  expect(one).toBe(two)
  expect(JSON.parse(one)).toMatchObject({ choices: [{ text: 'You said: a b' }], usage: { total_tokens: 6 } })
  expect([...stub.counts]).toEqual([['a b', 2]])
})

it('it streams usage only to who asks for it', async () => {
  const plain = await (await ask('a', { stream: true })).text()
  expect(plain).not.toContain('usage')
  const counted = await (await ask('a', { stream: true, stream_options: { include_usage: true } })).text()
  expect(counted).toContain('"usage":{"prompt_tokens":1')
  expect(counted.endsWith('data: [DONE]\n\n')).toBe(true)
})

it('the same share of requests fails in each run', async () => {
  const statuses = async () => {
    const other = await startStubEngine({ instant: true, seed: 7 })
    other.faults.random = [{ share: 0.5, fault: { kind: 'status', status: 500 } }]
    const answers: number[] = []
    for (let at = 0; at < 20; at += 1) {
      const answer = await fetch(`${other.url}/v1/completions`, { method: 'POST', body: '{"prompt":"a"}' })
      answers.push(answer.status)
    }
    await other.close()
    return answers
  }
  const first = await statuses()
  expect(new Set(first)).toEqual(new Set([200, 500]))
  expect(await statuses()).toEqual(first)
})
