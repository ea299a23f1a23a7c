/** Rented machines as the control room knows them, against a stand-in for the API of a provider. */
import type { InstanceDetail, LaunchTarget, ProviderAccount, RentedInstance } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startVastStandIn, tooOften, type VastStandIn } from '../../../../lab/vast/start-vast-stand-in.ts'
import { makeEmptyRow, makeInstanceRow, makeOfferRow, tellTaleToken } from '../../../../lab/vast/vast-rows.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'

const hour = 3_600_000
const startOfDay = Date.UTC(2026, 0, 10)
let now: number
let test: TestServer
let standIn: VastStandIn
beforeEach(async () => {
  now = startOfDay + 10 * hour
  standIn = await startVastStandIn()
  test = await startTestServer({}, { now: () => now })
})
afterEach(async () => {
  await test.close()
  await standIn.close()
})

async function ask(path: string, { method = 'GET', body }: { method?: string; body?: unknown } = {}) {
  return test.ask(path, { method, token: test.tokens.admin, body })
}

async function add(name = 'lab', given: Record<string, unknown> = {}): Promise<ProviderAccount> {
  const body = { name, provider: 'vast', apiKey: standIn.key, url: standIn.url, ...given }
  const { status, json } = await ask('/api/providers', { method: 'POST', body })
  expect([status, json]).toEqual([200, expect.anything()])
  return json as ProviderAccount // what this route answers with
}

async function check(id: number): Promise<ProviderAccount> {
  return (await ask(`/api/providers/${id}/check`, { method: 'POST' })).json as ProviderAccount // what it answers with
}

async function list(): Promise<RentedInstance[]> {
  return ((await ask('/api/instances')).json as { instances: RentedInstance[] }).instances // what it answers with
}

async function get(id: number): Promise<InstanceDetail> {
  return (await ask(`/api/instances/${id}`)).json as InstanceDetail // what this route answers with
}

function addMachine(id: number, changes: Record<string, unknown> = {}): void {
  standIn.world.add(makeInstanceRow(id, { start_date: startOfDay / 1_000, end_date: null, ...changes }))
}

it('machines of an account are listed with what they do and cost; neither its key nor theirs comes out', async () => {
  addMachine(1_001, { dph_total: 0.5 })
  standIn.world.add(makeEmptyRow(1_002))
  const account = await add()
  expect(account).toMatchObject({ name: 'lab', trouble: null, readAt: now, can: expect.arrayContaining(['stop']) })
  const [first, empty] = await list()
  expect(first).toMatchObject({
    account: { name: 'lab' },
    facts: { provider: 'vast', id: '1001', status: 'running', gpuName: 'RTX 4090', perHour: 0.5 },
    seenAt: now,
    goneSince: null,
    trouble: null,
    job: null,
    target: 'train-1',
    // Ten hours of a machine that says since when it runs.
    cost: { amount: 5, currency: 'USD', isEstimate: true },
  })
  expect(empty).toMatchObject({ facts: { id: '1002', status: 'created', perHour: null }, target: null, cost: null })
  const told = [
    await ask('/api/instances'),
    await ask(`/api/instances/${String(first?.id)}`),
    await ask('/api/providers'),
  ]
  for (const secret of [standIn.key, tellTaleToken])
    expect(told.map(({ text }) => text).join('\n')).not.toContain(secret)
})

it('cost grows with each look, by day, until the provider has billed a day that is over', async () => {
  addMachine(1_001, { dph_total: 1 })
  const { id } = await add()
  now += hour / 12
  await check(id)
  const [machine] = await list()
  expect((await get(machine?.id ?? 0)).days).toMatchObject([{ day: startOfDay, isCharged: false }])
  expect(machine?.cost?.amount).toBeCloseTo(10 + 1 / 12)
  now += 24 * hour
  standIn.world.charges.push(makeCharge(1_001, startOfDay, 7.5))
  await check(id)
  const { days, cost } = await get(machine?.id ?? 0)
  expect(days).toMatchObject([
    { day: startOfDay, amount: 7.5, isCharged: true },
    { day: startOfDay + 24 * hour, isCharged: false },
  ])
  expect(cost?.isEstimate).toBe(true)
  expect(cost?.amount).toBeCloseTo(7.5 + 10 + 1 / 12)
})

function makeCharge(id: number, day: number, amount: number) {
  const [start, end] = [day / 1_000, day / 1_000 + 86_400]
  return { source: `instance-${id}`, type: 'instance', start, end, amount, metadata: {}, items: [] }
}

it('a provider that fails leaves what was last seen, with its age and why; other accounts do not notice', async () => {
  addMachine(1_001)
  const other = await startVastStandIn({ key: 'another-key-of-nothing' })
  other.world.add(makeInstanceRow(2_001))
  const first = await add()
  const second = await add('other', { apiKey: other.key, url: other.url })
  const seenAt = now
  const faults = [
    { fault: { kind: 'answer' as const, status: 500, text: 'oops' }, kind: 'broken' },
    { fault: { kind: 'answer' as const, status: 401, text: '{}' }, kind: 'denied' },
    { fault: { kind: 'answer' as const, status: 200, text: '{"instances"' }, kind: 'broken' },
    { fault: { kind: 'cut' as const }, kind: expect.stringMatching(/unreachable|broken/) as string },
    { fault: tooOften, kind: 'busy' },
  ]
  for (const { fault, kind } of faults) {
    standIn.fault = fault
    now += 60_000
    const { trouble, readAt } = await check(first.id)
    expect([trouble?.kind, trouble?.since, readAt]).toEqual([kind, seenAt + 60_000, seenAt])
    expect(trouble?.hint).toBeTruthy()
    expect(JSON.stringify(trouble)).not.toContain(standIn.key)
  }
  await check(second.id)
  expect(await list()).toMatchObject([
    { facts: { id: '1001', status: 'running' }, seenAt, trouble: { kind: 'busy' } },
    { facts: { id: '2001' }, seenAt: now, trouble: null },
  ])
  standIn.fault = null
  expect(await check(first.id)).toMatchObject({ trouble: null, readAt: now })
  await other.close()
})

it('a machine that vanishes is gone and costs nothing more; it may come back as the same', async () => {
  addMachine(1_001)
  addMachine(1_002)
  const { id } = await add()
  const [before] = await list()
  standIn.world.hide(1_001)
  now += 60_000
  await check(id)
  const gone = (await list()).find(({ facts }) => facts.id === '1001')
  expect(gone).toMatchObject({ id: before?.id, facts: { status: 'gone' }, goneSince: now, target: null })
  const refused = await ask(`/api/instances/${String(gone?.id)}/order`, { method: 'POST', body: { action: 'stop' } })
  expect(refused.status).toBe(409)
  standIn.world.bringBack(1_001)
  now += 60_000
  await check(id)
  expect((await list())[0]).toMatchObject({ id: before?.id, facts: { status: 'running' }, goneSince: null })
})

it('machines are rented, labelled, read, stopped, started and destroyed; each is written down', async () => {
  standIn.world.offers.set(5, makeOfferRow(5))
  const { id } = await add()
  const { json: found } = await ask(`/api/providers/${id}/offers?gpu=4090&perHourMax=100`)
  expect(found).toMatchObject({ offers: [{ id: '5', gpuName: 'RTX 4090' }] })
  const order = { offerId: '5', image: 'pytorch/pytorch', diskGb: 40, label: 'mine' }
  const rented = await ask(`/api/providers/${id}/instances`, { method: 'POST', body: order })
  expect(rented.status).toBe(200)
  const [machine] = await list()
  const path = `/api/instances/${String(machine?.id)}`
  expect(machine).toMatchObject({ facts: { label: 'mine', status: 'created' }, target: null })
  standIn.world.advance()
  standIn.world.advance()
  await check(id)
  standIn.world.logs.set(Number(machine?.facts.id), 'one\ntwo\n')
  expect((await ask(`${path}/log?lines=5`)).json).toMatchObject({ lines: ['one', 'two'] })
  expect((await ask(path, { method: 'PATCH', body: { label: 'yours' } })).json).toMatchObject({
    facts: { label: 'yours' },
  })
  expect((await ask(path, { method: 'PATCH', body: { stopWhenDone: true } })).status).toBe(409)
  expect((await ask(`${path}/order`, { method: 'POST', body: { action: 'stop' } })).status).toBe(200)
  standIn.world.advance()
  await check(id)
  expect((await list())[0]).toMatchObject({ facts: { status: 'stopped' }, target: null })
  await ask(`${path}/order`, { method: 'POST', body: { action: 'start' } })
  const { json } = await ask(`${path}/order`, { method: 'POST', body: { action: 'destroy' } })
  expect(json).toMatchObject({ facts: { status: 'gone' } })
  expect((await ask(`/api/providers/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect(await list()).toEqual([])
})

it('a job that reports from a machine is linked to it; the machine stops once it ends, if that was asked for', async () => {
  addMachine(1_001)
  const { id } = await add()
  const body = { name: 'fine-tune', attempt: { host: 'C.1001', pid: 7 }, state: 'running' }
  expect((await ask('/api/jobs/job-0001', { method: 'PUT', body })).status).toBe(200)
  await check(id)
  const [machine] = await list()
  expect(machine).toMatchObject({ job: { uid: 'job-0001', name: 'fine-tune', state: 'running' } })
  const path = `/api/instances/${String(machine?.id)}`
  const asked = await ask(path, { method: 'PATCH', body: { stopWhenDone: true } })
  expect(asked.json).toMatchObject({ stopWhenDone: true })
  const report = {
    attempt: 1,
    writer: 'w',
    number: 1,
    role: 'sdk',
    sentAt: now,
    state: { state: 'completed', at: now },
  }
  expect((await ask('/api/jobs/job-0001/reports', { method: 'POST', body: report })).status).toBe(200)
  await check(id)
  expect(standIn.asked.filter(({ method }) => method === 'PUT').map(({ body: sent }) => sent)).toEqual([
    { state: 'stopped' },
  ])
  expect((await list())[0]).toMatchObject({ stopWhenDone: false })
})

it('a machine that runs is a target under a name that stays; one that is stopped is none', async () => {
  addMachine(1_001, { ssh_host: '127.0.0.1', ssh_port: 9, ports: null })
  addMachine(1_002, { ssh_host: 'bad host"\nProxyCommand x', ports: null })
  const { id } = await add()
  const targets = async () =>
    ((await ask('/api/targets')).json as { targets: LaunchTarget[] }).targets.map(({ name, kind }) => [name, kind]) // what it answers with
  expect(await targets()).toEqual([
    ['local', 'local'],
    ['train-1', 'ssh'],
  ])
  standIn.world.change(1_001, { label: 'another' })
  await check(id)
  expect(await targets()).toContainEqual(['train-1', 'ssh'])
  standIn.world.change(1_001, { actual_status: 'exited', intended_status: 'stopped' })
  await check(id)
  expect(await targets()).toEqual([['local', 'local']])
})
