/** What rented machines cost, beside what jobs on them cost. */
import { budgetInput, costHistoryQuery, rateCard, type InstanceFacts } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { makeFacts } from '../instances/facts.fixture.ts'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'

const hour = 3_600_000
const day = 24 * hour
const soon = { timeout: 20_000, interval: 50 }

let test: TestStorage
let now: number
let accountId: number
beforeEach(async () => {
  test = await openTestStorage()
  now = Date.now()
  const given = { name: 'lab', provider: 'vast', sealedKey: 'x', url: null, trustsNewHosts: false } as const
  const { memberId } = test.admin
  accountId = (await test.storage.call('providers.create', { ...given, memberId, by: null })).id
})
afterEach(() => test.close())

const look = (...facts: Partial<InstanceFacts>[]) =>
  test.storage.call('instances.note-look', { accountId, at: Date.now(), facts: facts.map((one) => makeFacts(one)) })
const read = async () => (await test.storage.call('costs.now', { offsetMinutes: 0 })).currencies[0]
const history = (query: Record<string, unknown> = {}) =>
  test.storage.call('costs.history', costHistoryQuery.parse({ from: now - 9 * day, until: now + hour, ...query }))

it('a machine that nobody uses counts from when it says that it runs, as an estimate', async () => {
  await look({ startedAt: now - 10 * hour })
  const usd = await read()
  expect(usd).toMatchObject({ currency: 'USD', perHour: 2, running: 0 })
  expect(usd?.spent.total).toBeCloseTo(20, 1)
  const { groups, currencies } = await history({ by: 'kind' })
  expect(groups).toMatchObject([{ name: 'rented machine', currency: 'USD', amounts: { rated: 0, charged: 0 } }])
  expect(currencies[0]?.amounts.estimate).toBeCloseTo(20, 1)
  const hours = await history({ from: now - 5 * hour, part: 'hour', by: 'member' })
  expect(hours.groups).toMatchObject([{ name: 'admin' }])
  // Within the hours asked for, its days are taken to be even.
  expect(hours.currencies[0]?.total).toBeGreaterThan(3)
  expect(hours.currencies[0]?.total).toBeLessThan(20)
})

it('one that is stopped costs its disk, one that has gone nothing', async () => {
  await look({ status: 'stopped', startedAt: null })
  expect(await test.storage.call('costs.now', { offsetMinutes: 0 })).toMatchObject({ currencies: [{ perHour: 0.1 }] })
  await look()
  expect((await test.storage.call('costs.now', { offsetMinutes: 0 })).currencies).toEqual([])
})

it('a job on it costs what the machine costs, whatever the rates say, and nothing is counted twice', async () => {
  await test.storage.call('rates.set', rateCard.parse({ currency: 'USD', rates: [{ hostHour: 50 }] }))
  await look({ startedAt: now - 10 * hour, label: 'box' })
  await test.put('there', { target: 'box', project: 'vision', createdAt: now - 4 * hour, startedAt: now - 4 * hour })
  await vi.waitFor(async () => expect(await read()).toMatchObject({ running: 1, perHour: 2 }), soon)
  expect((await read())?.spent.total).toBeCloseTo(20, 1)
  const { groups, currencies } = await history({ by: 'project' })
  const totals = groups.map(({ name, total }) => [name, Math.round(total)])
  expect(totals).toEqual([
    [null, 12],
    ['vision', 8],
  ])
  expect(currencies[0]?.total).toBeCloseTo(20, 1)
})

it('a job that is heard of from a machine is priced as one that was launched there, and can use up a budget', async () => {
  await look({ id: '77', startedAt: now - 2 * hour })
  const attempt = { host: 'C.77', pid: 7 }
  await test.put('heard', { attempt, state: 'running', createdAt: now - hour, startedAt: now - hour })
  expect(await read()).toMatchObject({ running: 0, perHour: 2 })
  await look({ id: '77', startedAt: now - 2 * hour })
  await vi.waitFor(async () => expect(await read()).toMatchObject({ running: 1, perHour: 2 }), soon)
  const values = budgetInput.parse({
    name: 'b',
    scope: 'job',
    subject: 'heard',
    amount: 1,
    currency: 'USD',
    period: 'total',
  })
  const { state } = await test.storage.call('budgets.create', { memberId: test.admin.memberId, values })
  expect(state.spent).toBeCloseTo(2, 1)
})

it('a job on another machine that is called like a label costs what it cost', async () => {
  await look({ id: '77', label: 'workstation', startedAt: now - 2 * hour })
  await test.put('elsewhere', {
    attempt: { host: 'workstation', pid: 7 },
    createdAt: now - hour,
    startedAt: now - hour,
  })
  await look({ id: '77', label: 'workstation', startedAt: now - 2 * hour })
  const { groups } = await history({ by: 'target' })
  expect(groups.map(({ name, hours }) => [name, Math.round(hours)])).toEqual([
    ['workstation', 0],
    [null, 1],
  ])
})

it('what was billed stands for the days that are over, and says so', async () => {
  const begin = Math.floor(now / day) * day - day
  await look({ startedAt: begin })
  const charges = [{ instanceId: '1', currency: 'USD', from: begin, until: begin + day, amount: 7 }]
  await test.storage.call('instances.note-charges', { accountId, at: now, charges })
  const { currencies } = await history()
  expect(currencies[0]?.amounts.charged).toBeCloseTo(7)
  expect(currencies[0]?.amounts.rated).toBe(0)
  expect(currencies[0]?.amounts.estimate).toBeCloseTo((2 * (now - begin - day)) / hour, 1)
})
