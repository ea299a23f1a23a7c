/** The official client, as it comes from npm, over a real engine with a real small model. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type LabEngine, startEngine } from '../../../../lab/start-engine.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { createBatch, openClient, readThrough } from './run-through-client.fixture.ts'

let engine: LabEngine
let test: TestServer
beforeAll(async () => {
  engine = await startEngine()
  test = await startTestServer()
  const { url: baseUrl, apiKey } = engine
  await test.ask('/api/engines', { method: 'POST', token: test.tokens.admin, body: { name: 'lab', baseUrl, apiKey } })
})
afterAll(async () => {
  await test.close()
  await engine.close()
})

function ask(content: string, temperature = 0): object {
  return { model: engine.model, messages: [{ role: 'user', content }], max_tokens: 6, temperature }
}

it('it takes batches from upload to compared results', async () => {
  const client = openClient(test.server.url, test.tokens.member)
  const bodies = { one: ask('Say one.'), two: ask('Say two.'), long: ask('word '.repeat(5_000)) }
  const endpoint = '/v1/chat/completions'
  const made = [await createBatch(client, { endpoint, bodies }), await createBatch(client, { endpoint, bodies })]
  expect(made[0]).toMatchObject({ status: 'validating', request_counts: { total: 0 } })
  const runs = await Promise.all(made.map(async ({ id }) => readThrough(client, id)))
  for (const { batch, answers, failures } of runs) {
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 2, failed: 1 } })
    expect(batch.usage?.output_tokens).toBeGreaterThan(1)
    expect([...answers.keys()].toSorted()).toEqual(['one', 'two'])
    expect(failures.get('long')?.response?.status_code).toBe(400)
  }
  const texts = runs.map(({ answers }) => answers.get('one')?.response?.body.choices[0]?.message?.content)
  expect(texts[0]).toBeTruthy()
  // Without chance in it, and each alone in its slot, an engine says the same again.
  expect(texts[1]).toBe(texts[0])
})

it('it cancels one that is under way, and gets what there is of it', async () => {
  const client = openClient(test.server.url, test.tokens.member)
  const bodies = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`r${at}`, ask(`Say the number ${at}.`, 1)]))
  const { id } = await createBatch(client, { endpoint: '/v1/chat/completions', bodies })
  await vi.waitFor(
    async () => expect((await client.batches.retrieve(id)).request_counts?.completed).toBeGreaterThan(1),
    { timeout: 60_000, interval: 100 },
  )
  expect((await client.batches.cancel(id)).status).toBe('cancelling')
  const { batch, answers, failures } = await readThrough(client, id)
  expect(batch.status).toBe('cancelled')
  expect(answers.size).toBeGreaterThan(1)
  expect(answers.size + failures.size).toBe(200)
  expect([...failures.values()].every(({ error }) => error?.code === 'batch_cancelled')).toBe(true)
})
