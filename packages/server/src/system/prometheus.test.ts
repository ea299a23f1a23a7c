import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import { addStub, getBatch, inputOf, keepBatch } from '../batches/batches.fixture.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { type ReadSample, readExposition } from './read-exposition.fixture.ts'

let test: TestServer
let stub: StubEngine
beforeAll(async () => {
  stub = await startStubEngine({ instant: true })
  test = await startTestServer()
  await addStub(test, stub)
})
afterAll(async () => {
  await test.close()
  await stub.close()
})

async function scrape(): Promise<(name: string, labels?: Record<string, string>) => number | undefined> {
  const { status, headers, text } = await test.ask('/metrics', { token: test.tokens.scraper })
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  const families = readExposition(text)
  const isAsked = (labels: Record<string, string>, sample: ReadSample): boolean =>
    Object.entries(labels).every(([name, value]) => sample.labels[name] === value)
  return (name, labels = {}) => families.get(name)?.samples.find((sample) => isAsked(labels, sample))?.value
}

it('tells of a server that has done nothing yet', async () => {
  const read = await scrape()
  expect(read('pilothouse_build_info', { version: '0.0.0-test' })).toBe(1)
  expect(read('pilothouse_batches', { status: 'completed' })).toBe(0)
  expect(read('pilothouse_jobs', { state: 'running' })).toBe(0)
  expect(read('pilothouse_workers', { place: 'elsewhere' })).toBe(0)
  expect(read('pilothouse_engines', { state: 'healthy' })).toBe(1)
  expect(read('pilothouse_intake_delay_seconds')).toBeUndefined()
})

it('counts requests, tokens and dead letters of batches by model', async () => {
  stub.faults.next.push({ kind: 'status', status: 400 })
  const { id } = await keepBatch(test, inputOf(3))
  await expect.poll(async () => (await getBatch(test, id)).status, { timeout: 20_000 }).toBe('completed')
  const seat = { engineId: 1, inFlight: 7, limit: 8, isAway: false, answered: 0, failed: 0, tokens: 0, latencyMs: 1 }
  const body = { worker: 'far', host: 'node-1', leases: [], seats: [seat] }
  await test.ask('/api/work/beat', { method: 'POST', token: test.tokens.worker, body })
  const read = await scrape()
  const batch = await getBatch(test, id)
  expect(batch.request_counts).toEqual({ total: 3, completed: 2, failed: 1 })
  expect(read('pilothouse_batches', { status: 'completed' })).toBe(1)
  expect(read('pilothouse_batch_requests_total', { model: 'stub', result: 'completed' })).toBe(2)
  expect(read('pilothouse_batch_requests_total', { model: 'stub', result: 'failed' })).toBe(1)
  expect(read('pilothouse_batch_dead_letters_total', { model: 'stub' })).toBe(1)
  expect(read('pilothouse_batch_requests_waiting', { model: 'stub' })).toBe(0)
  expect(read('pilothouse_batch_tokens_total', { direction: 'output' })).toBe(batch.usage.output_tokens)
  expect(read('pilothouse_workers', { place: 'elsewhere' })).toBe(1)
  expect(read('pilothouse_worker_requests_in_flight', { worker: 'far' })).toBe(7)
  expect(read('pilothouse_engine_healthy', { engine: 'stand-in' })).toBe(1)
  expect(read('pilothouse_engine_requests_waiting', { engine: 'stand-in' })).toBe(0)
})

it('is told to scrapers and admins, who get nowhere else with the token of a scraper', async () => {
  const ask = async (path: string, token?: string) => (await test.ask(path, { ...(token && { token }) })).status
  expect(await ask('/metrics', test.tokens.admin)).toBe(200)
  expect(await ask('/metrics', test.tokens.member)).toBe(403)
  expect(await ask('/metrics')).toBe(401)
  expect(await ask('/api/system', test.tokens.scraper)).toBe(403)
  expect(await ask('/api/jobs', test.tokens.scraper)).toBe(403)
})
