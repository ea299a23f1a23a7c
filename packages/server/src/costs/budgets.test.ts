import type { Budget, Channel, Job, Launched } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Hook, startHook } from '../channels/hook.fixture.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'

const hour = 3_600_000
let test: TestServer
let hook: Hook
let channel: Channel
beforeAll(async () => {
  hook = await startHook()
  test = await startTestServer(
    { allowPrivateChannels: true, publicUrl: 'https://lab.example.org' },
    { budgetLookMs: 200, deskTimes: { shellMs: 200 } },
  )
  channel = (await ask('POST', '/api/channels', { kind: 'webhook', name: 'hook', url: hook.url })) as Channel // what this route answers with
  await ask('PUT', '/api/system/rates', { currency: 'USD', rates: [{ hostHour: 2 }] })
  const since = Date.now() - 4 * hour
  await ask('PUT', '/api/jobs/job-0001', { project: 'vision', createdAt: since, startedAt: since })
  await vi.waitFor(async () => expect(JSON.stringify(await ask('GET', '/api/costs'))).toContain('USD'), 20_000)
})
afterAll(async () => {
  await test.close()
  await hook.close()
})

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  return (await test.ask(path, { method, token: test.tokens.admin, body })).json
}

const values = { name: 'monthly', scope: 'project', subject: 'vision', amount: 10, currency: 'usd', period: 'total' }

it('a budget that is reached is told on its channels once, and stands among the deliveries', async () => {
  const budget = (await ask('POST', '/api/budgets', { ...values, channels: [channel.id] })) as Budget // what this route answers with
  expect(budget.state.spent).toBeCloseTo(8, 1)
  expect(JSON.parse((await hook.next()).body)).toMatchObject({
    type: 'budget.spent',
    data: { name: 'monthly', threshold: 80, currency: 'USD', url: 'https://lab.example.org/costs' },
  })
  expect(await ask('GET', '/api/budgets/notices')).toMatchObject({ notices: [{ threshold: 80 }, { threshold: 50 }] })
  expect(await ask('GET', '/api/deliveries')).toMatchObject({
    deliveries: [{ event: 'spent', level: 'warning', title: 'Budget «monthly» is spent to 80 %', job: null }],
  })
})

it('one that is used up is a warning to whoever launches within it, and a refusal where it stops jobs', async () => {
  const spec = { target: 'local', command: ['true'] }
  const problems = async () =>
    ((await ask('POST', '/api/launches/plan', { spec })) as { problems: { level: string; message: string }[] }).problems // what this route answers with
  const used = { ...values, name: 'all of it', scope: 'all', subject: null, amount: 1 }
  const { id } = (await ask('POST', '/api/budgets', used)) as Budget // what this route answers with
  expect(await problems()).toMatchObject([
    { level: 'warning', message: 'The budget «all of it» of all jobs is used up.' },
  ])
  await ask('PUT', `/api/budgets/${id}`, { ...used, action: 'stop' })
  expect(await problems()).toMatchObject([{ level: 'error' }])
  await test.ask(`/api/budgets/${id}`, { method: 'DELETE', token: test.tokens.admin })
  expect(await problems()).toEqual([])
})

it('what is no budget is refused by its field', async () => {
  const post = async (body: object) =>
    (await test.ask('/api/budgets', { method: 'POST', token: test.tokens.admin, body: { ...values, ...body } })).json
  expect(await post({ amount: 0 })).toMatchObject({ error: { field: 'amount' } })
  expect(await post({ subject: null })).toMatchObject({ error: { field: 'subject' } })
  expect(await post({ currency: 'usb' })).toMatchObject({ error: { field: 'currency' } })
  expect(await post({ channels: [999] })).toMatchObject({ error: { field: 'channels' } })
})

it('a channel that is deleted is forgotten by its budgets', async () => {
  const gone = (await ask('POST', '/api/channels', { kind: 'webhook', name: 'gone', url: hook.url })) as Channel // what this route answers with
  const body = { ...values, name: 'told nowhere', amount: 1e6, channels: [channel.id, gone.id] }
  const { id } = (await ask('POST', '/api/budgets', body)) as Budget // what this route answers with
  await test.ask(`/api/channels/${gone.id}`, { method: 'DELETE', token: test.tokens.admin })
  const { budgets } = (await ask('GET', '/api/budgets')) as { budgets: Budget[] } // what this route answers with
  expect(budgets.find((one) => one.id === id)?.channels).toEqual([channel.id])
})

it('a launched job within a budget that stops is cancelled where it runs', async () => {
  const launch = { spec: { target: 'local', command: ['sleep', '600'] } }
  const { jobs } = (await ask('POST', '/api/launches', launch)) as Launched // what this route answers with
  const uid = jobs[0]?.uid ?? ''
  const read = async () => (await ask('GET', `/api/jobs/${uid}`)) as Job // what this route answers with
  await vi.waitFor(async () => expect((await read()).cost?.perHour).toBe(2), { timeout: 20_000, interval: 50 })
  const body = { ...values, name: 'no cent', scope: 'job', subject: uid, amount: 1e-7, action: 'stop' }
  const { id } = (await ask('POST', '/api/budgets', body)) as Budget // what this route answers with
  await vi.waitFor(async () => expect((await read()).state).toBe('cancelled'), { timeout: 20_000, interval: 50 })
  const { budgets } = (await ask('GET', '/api/budgets')) as { budgets: Budget[] } // what this route answers with
  expect(budgets.find((one) => one.id === id)?.stops).toMatchObject([{ job: { uid }, refusal: null }])
})
