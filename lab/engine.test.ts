import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LabEngine, startEngine } from './start-engine.ts'

let engine: LabEngine

beforeAll(async () => {
  engine = await startEngine({ args: ['--slots', '2', '--context', '256'] })
})

afterAll(() => engine.close())

const question = { messages: [{ role: 'user', content: 'What is 2+2?' }], max_tokens: 3, temperature: 0 }

test('the engine answers a question and says how many tokens that took', async () => {
  const response = await ask('/v1/chat/completions', { ...question, model: engine.model })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    object: 'chat.completion',
    model: engine.model,
    choices: [{ message: { role: 'assistant', content: expect.stringMatching(/\w/) } }],
    usage: { prompt_tokens: 37, completion_tokens: 3, total_tokens: 40 },
  })
})

test('the engine streams an answer and ends with what it took', async () => {
  const streamed = { ...question, stream: true, stream_options: { include_usage: true } }
  const response = await ask('/v1/chat/completions', streamed)
  const events = (await response.text()).trim().split('\n\n')
  expect(events.at(-1)).toBe('data: [DONE]')
  const read = (event = ''): unknown => JSON.parse(event.slice('data: '.length))
  expect(read(events.at(0))).toMatchObject({
    object: 'chat.completion.chunk',
    choices: [{ delta: { role: 'assistant' } }],
  })
  expect(read(events.at(-2))).toMatchObject({ choices: [], usage: { completion_tokens: 3 } })
})

test('the engine continues a text', async () => {
  const body = { prompt: 'The capital of France is', max_tokens: 4, temperature: 0 }
  expect(await (await ask('/v1/completions', body)).json()).toMatchObject({
    object: 'text_completion',
    choices: [{ text: expect.stringContaining('Paris') }],
  })
})

test('the engine refuses who has not its key', async () => {
  const response = await fetch(`${engine.url}/v1/models`, { headers: { authorization: 'Bearer other' } })
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ error: { type: 'authentication_error' } })
})

test('the engine refuses a prompt that is longer than its context', async () => {
  const messages = [{ role: 'user', content: 'word '.repeat(300) }]
  const response = await ask('/v1/chat/completions', { ...question, messages })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { type: 'exceed_context_size_error', n_ctx: 256 } })
})

test('the engine tells its health, its model, its slots and its counters', async () => {
  expect(await (await fetch(`${engine.url}/health`)).json()).toEqual({ status: 'ok' })
  expect(await (await ask('/v1/models')).json()).toMatchObject({ data: [{ id: engine.model }] })
  expect(await (await ask('/props')).json()).toMatchObject({ total_slots: 2 })
  expect(await (await ask('/metrics')).text()).toMatch(/^llamacpp:requests_deferred \d+$/m)
})

test('an engine that was started for embeddings gives them', async () => {
  const embedder = await startEngine({ args: ['--embeddings'] })
  const response = await ask('/v1/embeddings', { model: embedder.model, input: ['sea', 'ship'] }, embedder)
  const { data } = (await response.json()) as { data: { embedding: number[] }[] } // as the OpenAI API says
  await embedder.close()
  expect(data.map(({ embedding }) => embedding.length)).toEqual([576, 576])
})

test('an engine ends with who started it', async () => {
  const script = fileURLToPath(new URL('engine', import.meta.url))
  const child = spawn(script, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(createInterface(child.stdout), 'line')
  expect(line).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+ /)
  child.stdin.destroy()
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('an engine says why it does not start', async () => {
  const { port } = new URL(engine.url)
  await expect(startEngine({ args: ['--port', port] })).rejects.toThrow('lab/engine did not start')
})

function ask(path: string, body?: unknown, whom = engine): Promise<Response> {
  return fetch(`${whom.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${whom.apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}
