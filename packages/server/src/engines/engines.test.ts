/** Engines as the control room knows them, against a stand-in that speaks OpenAI's API on a real socket. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, EngineCreate, ModelList } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'

let test: TestServer
let stub: StubEngine
beforeEach(async () => {
  stub = await startStubEngine({ model: 'small-llama', apiKey: 'sk-of-the-engine' })
  test = await startTestServer()
})
afterEach(async () => {
  await test.close()
  await stub.close()
})

async function ask(path: string, { method = 'GET', body }: { method?: string; body?: unknown } = {}) {
  return test.ask(path, { method, token: test.tokens.admin, body })
}

async function add(given: Partial<EngineCreate> = {}): Promise<Engine> {
  const body = { name: 'lab', baseUrl: stub.url, apiKey: 'sk-of-the-engine', ...given }
  const { json, status } = await ask('/api/engines', { method: 'POST', body })
  expect(status).toBe(200)
  return json as Engine // what this route answers with
}

async function change(id: number, body: unknown): Promise<Engine> {
  return (await ask(`/api/engines/${id}`, { method: 'PATCH', body })).json as Engine // what this route answers with
}

async function check(id: number): Promise<Engine> {
  return (await ask(`/api/engines/${id}/check`, { method: 'POST' })).json as Engine // what this route answers with
}

async function listModels(): Promise<ModelList['data']> {
  return ((await ask('/v1/models')).json as ModelList).data // what this route answers with
}

it('an engine is looked at when it is made known: models, figures, health; its key never comes out again', async () => {
  const engine = await add()
  expect(engine).toMatchObject({
    name: 'lab',
    baseUrl: stub.url,
    hasKey: true,
    models: ['small-llama'],
    areModelsGiven: false,
    health: { state: 'healthy', trouble: null },
    figures: { kind: 'vllm', running: 0, waiting: 0 },
  })
  const listed = await ask('/api/engines')
  expect(listed.json).toMatchObject({ engines: [{ id: engine.id, health: { state: 'healthy' } }] })
  expect(listed.text).not.toContain('sk-of-the-engine')
  expect(await listModels()).toEqual([
    { id: 'small-llama', object: 'model', created: Math.floor(engine.createdAt / 1000), owned_by: 'lab' },
  ])
})

it('what is wrong is said: a key that is refused, nothing that listens, something else that answers', async () => {
  const refused = await add({ apiKey: 'sk-another' })
  expect(refused.health).toMatchObject({
    state: 'failing',
    trouble: expect.stringContaining('refuses the key') as string,
  })
  expect((await change(refused.id, { apiKey: 'sk-of-the-engine' })).health.state).toBe('healthy')
  const nowhere = await add({ name: 'nowhere', baseUrl: 'http://127.0.0.1:9' })
  expect(nowhere.health).toMatchObject({
    state: 'failing',
    trouble: expect.stringContaining('Nothing listens') as string,
  })
  const page = await add({ name: 'page', baseUrl: `${test.server.url}/job/x`, apiKey: null })
  expect(page.health).toMatchObject({
    state: 'failing',
    trouble: expect.stringMatching(/status 404|no engine/) as string,
  })
  expect(await listModels()).toHaveLength(1)
})

it('one that goes away is failing after two looks, its models stay known, and it is healthy again at once', async () => {
  const { id } = await add()
  await stub.stop()
  expect((await check(id)).health).toMatchObject({ state: 'healthy', trouble: expect.any(String) as string })
  expect(await check(id)).toMatchObject({ models: ['small-llama'], health: { state: 'failing' }, figures: null })
  expect(await listModels()).toEqual([])
  await stub.start()
  expect((await check(id)).health).toMatchObject({ state: 'healthy', trouble: null })
})

it('a paused engine answers for nothing, a forgotten one is gone, a name is given once', async () => {
  const { id } = await add()
  expect((await change(id, { isPaused: true })).health.state).toBe('paused')
  expect(await listModels()).toEqual([])
  expect((await change(id, { isPaused: false })).health.state).toBe('healthy')
  const again = await ask('/api/engines', { method: 'POST', body: { name: 'lab', baseUrl: stub.url } })
  expect([again.status, again.json]).toMatchObject([409, { error: { field: 'name' } }])
  expect((await ask(`/api/engines/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await ask(`/api/engines/${id}/check`, { method: 'POST' })).status).toBe(404)
  expect((await ask('/api/engines')).json).toEqual({ engines: [] })
})

it('an engine that lists no models answers for those that somebody named', async () => {
  const plain = await startStubEngine({ prefix: '/elsewhere' })
  const baseUrl = plain.url.replace('/elsewhere', '/nothing-there')
  const engine = await add({ name: 'plain', baseUrl, apiKey: null, models: ['b', 'a'] })
  expect(engine).toMatchObject({ models: ['a', 'b'], areModelsGiven: true, health: { state: 'healthy' } })
  const asked = await change(engine.id, { models: null, baseUrl: plain.url })
  expect(asked).toMatchObject({ models: ['stub'], areModelsGiven: false })
  await plain.close()
})

it('a worker is told the engines that answer for a model, with their keys, also one that has just gone away', async () => {
  const { secret: token } = await test.makeToken({ name: 'worker', role: 'worker' })
  const list = async (model: string) => (await test.ask(`/api/work/engines?model=${model}`, { token })).json
  const { id } = await add({ concurrencyMax: 8 })
  const told = { id, name: 'lab', baseUrl: stub.url, apiKey: 'sk-of-the-engine', concurrencyMax: 8 }
  expect(await list('small-llama')).toEqual({ engines: [told] })
  expect(await list('another')).toEqual({ engines: [] })
  await stub.stop()
  await check(id)
  await check(id)
  expect(await list('small-llama')).toEqual({ engines: [told] })
  await stub.start()
  await change(id, { isPaused: true })
  expect(await list('small-llama')).toEqual({ engines: [] })
})

it('engines are known again after a restart, with their keys', async () => {
  await test.close()
  const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-engines-'))
  test = await startTestServer({ dataFolder })
  await add({ prices: [{ model: 'small-llama', inputPerMillion: 0.1, outputPerMillion: 0.4 }], concurrencyMax: 8 })
  await test.close()
  test = await startTestServer({ dataFolder })
  await expect.poll(listModels).toHaveLength(1)
  expect((await ask('/api/engines')).json).toMatchObject({
    engines: [
      { concurrencyMax: 8, prices: [{ model: 'small-llama', outputPerMillion: 0.4 }], models: ['small-llama'] },
    ],
  })
  await test.close()
  await rm(dataFolder, { recursive: true })
  test = await startTestServer()
})

it('addresses and keys that cannot be used are refused with the field', async () => {
  for (const [field, value] of [
    ['baseUrl', 'ftp://127.0.0.1/'],
    ['baseUrl', 'http://user:secret@127.0.0.1/'],
    ['apiKey', 'two words'],
    ['concurrencyMax', 0],
    ['models', []],
  ] as const) {
    const { status, json } = await ask('/api/engines', {
      method: 'POST',
      body: { name: 'x', baseUrl: stub.url, [field]: value },
    })
    expect([status, json]).toMatchObject([400, { error: { field } }])
  }
})
