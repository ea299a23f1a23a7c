import type { Channel, Delivery } from '@pilothouse/contract'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import { type Hook, startHook } from '../channels/hook.fixture.ts'
import { batchOf } from '../files/files.fixture.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { addStub, getBatch, inputOf, keepBatch, submit } from './batches.fixture.ts'

let test: TestServer
let stub: StubEngine
let hook: Hook
let channel: Channel & { secret: string | null }
beforeAll(async () => {
  stub = await startStubEngine({ instant: true })
  const settings = { allowPrivateChannels: true, publicUrl: 'https://lab.example.org' }
  test = await startTestServer(settings, { deliveryWaitsMs: [50, 50] })
  await addStub(test, stub)
})
afterAll(async () => {
  await test.close()
  await stub.close()
})
beforeEach(async () => {
  hook = await startHook()
  channel = await addChannel({ kind: 'webhook', name: 'hook', url: hook.url })
})
afterEach(() => hook.close())

const askAsAdmin = async (method: string, path: string, body?: unknown) =>
  test.ask(path, { method, token: test.tokens.admin, body })

async function addChannel(body: Record<string, unknown>): Promise<typeof channel> {
  return (await askAsAdmin('POST', '/api/channels', body)).json as typeof channel // what this route answers with
}

async function readTold(): Promise<unknown> {
  const { body, headers } = await hook.next()
  return new Webhook(channel.secret ?? '').verify(body, headers as Record<string, string>) // those of the signature come once
}

it('the end of a batch is told on the channel that its creator named, with what came of it', async () => {
  stub.faults.next.push({ kind: 'status', status: 400 })
  const { id } = await keepBatch(test, inputOf(3), { body: { notify: channel.id } })
  expect(await readTold()).toMatchObject({
    type: 'batch.completed',
    data: {
      id,
      owner: expect.any(String) as string,
      model: 'stub',
      status: 'completed',
      counts: { total: 3, completed: 2, failed: 1 },
      tokens: { input: expect.any(Number) as number },
      cost: null,
      tookMs: expect.any(Number) as number,
      url: `https://lab.example.org/batches/${id}`,
    },
  })
  const { json } = await askAsAdmin('GET', `/api/deliveries?channel=${channel.id}`)
  expect(json).toMatchObject({ deliveries: [{ event: 'ended', level: 'warning', job: null }] })
  expect((json as { deliveries: Delivery[] }).deliveries).toHaveLength(1)
})

it('that of one whose input has faults, too', async () => {
  const { id } = await keepBatch(test, 'no json', { body: { notify: channel.id } })
  expect(await readTold()).toMatchObject({ type: 'batch.failed', data: { id, model: null } })
})

it('and that of one that was cancelled', async () => {
  stub.faults.random.push({ share: 1, fault: { kind: 'stall' } })
  const { id } = await keepBatch(test, inputOf(2), { body: { notify: channel.id } })
  await test.ask(`/v1/batches/${id}/cancel`, { method: 'POST', token: test.tokens.member })
  stub.faults.random.length = 0
  expect(await readTold()).toMatchObject({ type: 'batch.cancelled', data: { id } })
})

it('a receiver that is down is told later, under the same id', async () => {
  hook.answers.push({ status: 503 })
  const { id } = await keepBatch(test, inputOf(1), { body: { notify: channel.id } })
  const first = await hook.next()
  const second = await hook.next()
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
  expect(JSON.parse(second.body)).toMatchObject({ data: { id } })
})

it('a form may name the channel as well', async () => {
  const form = new FormData()
  for (const [name, value, file] of batchOf(inputOf(1)))
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, file)
  form.set('notify', String(channel.id))
  const headers = { authorization: `Bearer ${test.tokens.member}` }
  const answer = await fetch(`${test.server.url}/v1/batches`, { method: 'POST', body: form, headers })
  const { id } = (await answer.json()) as { id: string }
  expect(await readTold()).toMatchObject({ type: 'batch.completed', data: { id } })
})

it('a channel that there is not, or that is off, is refused by name', async () => {
  const refused = { status: 400, json: { error: { param: 'notify' } } }
  expect(await submit(test, inputOf(1), { body: { notify: 999 } })).toMatchObject(refused)
  await askAsAdmin('PATCH', `/api/channels/${channel.id}`, { enabled: false })
  expect(await submit(test, inputOf(1), { body: { notify: channel.id } })).toMatchObject(refused)
})

it('a batch whose channel has gone meanwhile ends all the same, and its log says so', async () => {
  stub.faults.random.push({ share: 1, fault: { kind: 'stall' } })
  const { id } = await keepBatch(test, inputOf(2), { body: { notify: channel.id } })
  await askAsAdmin('DELETE', `/api/channels/${channel.id}`)
  await test.ask(`/v1/batches/${id}/cancel`, { method: 'POST', token: test.tokens.member })
  stub.faults.random.length = 0
  await expect.poll(async () => (await getBatch(test, id)).status, { timeout: 20_000 }).toBe('cancelled')
  expect((await askAsAdmin('GET', `/v1/batches/${id}/logs`)).text).toContain('the channel is off, or gone')
})
