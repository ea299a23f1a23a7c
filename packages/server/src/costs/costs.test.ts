import { budgetInput, costHistoryQuery, rateCard, steeringEvent } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'

const hour = 3_600_000
const day = 24 * hour
const soon = { timeout: 20_000, interval: 50 }

let test: TestStorage
let now: number
/** Jobs: three hours of vision that have ended, an hour of speech under way, two hours that nobody has a price for. */
beforeAll(async () => {
  test = await openTestStorage()
  now = Date.now()
  await test.storage.call('rates.set', rateCard.parse({ currency: 'USD', rates: [{ target: 'lab*', hostHour: 2 }] }))
  await put('done', { project: 'vision', target: 'lab', hours: 3 })
  await test.report('done', { state: { state: 'completed', at: now } })
  await put('going', { project: 'speech', target: 'lab2', hours: 1 })
  await put('unpriced', { project: 'vision', target: 'home', hours: 2 })
  await test.report('unpriced', { state: { state: 'completed', at: now } })
  await vi.waitFor(async () => expect(await totalOf()).toBeGreaterThan(7.9), soon)
})
afterAll(() => test.close())

async function put(
  uid: string,
  { hours, ...names }: { hours: number; project: string; target: string },
): Promise<void> {
  await test.put(uid, { createdAt: now - hours * hour, startedAt: now - hours * hour, ...names })
}

async function totalOf(): Promise<number> {
  const { currencies } = await test.storage.call('costs.now', { offsetMinutes: 0 })
  return currencies[0]?.spent.total ?? 0
}

const history = async (query: Record<string, unknown>) =>
  test.storage.call('costs.history', costHistoryQuery.parse({ from: now - 2 * day, until: now + hour, ...query }))

describe('costs now', () => {
  it('are the rate of what runs and what came together, with what has no price apart', async () => {
    const { currencies, hasRates, unpricedRunning, at, monthEnd } = await test.storage.call('costs.now', {
      offsetMinutes: 0,
    })
    expect(currencies).toHaveLength(1)
    expect(currencies[0]).toMatchObject({ currency: 'USD', perHour: 2, running: 1 })
    expect(currencies[0]?.spent.total).toBeCloseTo(8, 1)
    expect([hasRates, unpricedRunning]).toEqual([true, 0])
    const { spent, monthProjected } = currencies[0] ?? { spent: { month: 0 }, monthProjected: 0 }
    expect(monthProjected).toBeCloseTo(spent.month + (2 * (monthEnd - at)) / hour, 3)
  })
})

describe('the history of costs', () => {
  it('is shared out to the days in which they arose, and adds up to the whole', async () => {
    const { groups, currencies, unpricedHours, starts, until } = await history({})
    expect(groups.map(({ name, currency }) => [name, currency])).toEqual([
      ['vision', 'USD'],
      ['speech', 'USD'],
      ['vision', null],
    ])
    expect(groups[0]?.total).toBeCloseTo(6, 1)
    expect(groups[1]?.total).toBeCloseTo(2, 1)
    expect(unpricedHours).toBeCloseTo(2, 1)
    expect(currencies[0]?.pricedHours).toBeCloseTo(4, 1)
    const parts = currencies[0]?.parts.reduce((sum, { rated }) => sum + rated, 0) ?? 0
    expect(parts).toBeCloseTo(currencies[0]?.total ?? 0, 6)
    expect(starts.every((start) => start % day === 0)).toBe(true)
    expect(until - (starts.at(-1) ?? 0)).toBe(day)
  })

  it('stands by member, target and kind as well', async () => {
    const names = async (by: string) => (await history({ by })).groups.map(({ name }) => name)
    expect(await names('member')).toEqual(['admin', 'admin'])
    expect(await names('target')).toEqual(['lab', 'lab2', 'home'])
    expect(new Set(await names('kind'))).toEqual(new Set(['training']))
  })

  it('has days where whoever asks stands, and hours for short spans', async () => {
    const { starts } = await history({ offsetMinutes: 90 })
    expect(starts.every((start) => (start + 90 * 60_000) % day === 0)).toBe(true)
    const hours = await history({ part: 'hour', from: now - 5 * hour })
    expect(hours.starts.length).toBeGreaterThanOrEqual(6)
    expect(hours.currencies[0]?.total).toBeCloseTo(8, 1)
  })

  it('of too many parts is refused', async () => {
    await expect(history({ from: 0, part: 'hour' })).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('a budget', () => {
  const keep = (values: object) =>
    test.storage.call('budgets.create', {
      memberId: test.admin.memberId,
      values: budgetInput.parse({ name: 'b', scope: 'all', amount: 10, currency: 'USD', period: 'total', ...values }),
    })
  const look = (at: number) => test.storage.call('budgets.evaluate', { at })
  const noticesOf = async (id: number) =>
    (await test.storage.call('budgets.notices', null)).filter(({ budget }) => budget.id === id)

  it('knows what is spent of its scope in its currency, and when it will be used up', async () => {
    const vision = await keep({ scope: 'project', subject: 'vision' })
    expect(vision.state.spent).toBeCloseTo(6, 1)
    expect(vision.state).toMatchObject({ perHour: 0, reachedAt: null, projected: null })
    const job = await keep({ scope: 'job', subject: 'going' })
    expect(job.state.spent).toBeCloseTo(2, 1)
    expect(job.state.reachedAt).toBeCloseTo(job.state.at + (10 - job.state.spent) * 0.5 * hour, -3)
    expect((await keep({ scope: 'member', subject: 'admin' })).state.spent).toBeCloseTo(8, 1)
    expect((await keep({ scope: 'target', subject: 'lab2' })).state.perHour).toBe(2)
    expect((await keep({ currency: 'EUR' })).state.spent).toBe(0)
  })

  it('tells of each threshold once, also after a restart, and anew when its amount is another', async () => {
    const { id } = await keep({ name: 'once' })
    await look(Date.now())
    expect((await noticesOf(id)).map(({ threshold }) => threshold)).toEqual([80, 50])
    await test.reopen()
    await look(Date.now() + 60_000)
    expect(await noticesOf(id)).toHaveLength(2)
    const values = budgetInput.parse({ name: 'once', scope: 'all', amount: 12, currency: 'USD', period: 'total' })
    await test.storage.call('budgets.replace', { id, values })
    await look(Date.now())
    expect((await noticesOf(id)).map(({ threshold, amount }) => [threshold, amount])).toEqual([
      [50, 12],
      [80, 10],
      [50, 10],
    ])
  })

  it('of a clock that jumps back books nothing, and never twice', async () => {
    const { id, state } = await keep({ name: 'jump', scope: 'job', subject: 'going', amount: 1_000 })
    await look(now - 10 * day)
    await look(now + 10)
    await look(now - 10 * day)
    expect(await noticesOf(id)).toEqual([])
    const later = await test.storage.call('budgets.get', { id })
    expect(later.state.spent).toBeGreaterThanOrEqual(state.spent)
    expect(later.state.spent).toBeLessThan(state.spent + 0.1)
  })

  it('that stops tells what costs within its scope to stop, once, and nothing else', async () => {
    await put('stoppable', { project: 'halted', target: 'lab', hours: 2 })
    await put('deaf', { project: 'halted', target: 'lab', hours: 2 })
    await put('free', { project: 'halted', target: 'home', hours: 2 })
    const steering = steeringEvent.parse({ controls: { kinds: ['stop'], parameters: [] } })
    await test.report('stoppable', { steering })
    await test.report('free', { steering })
    const { id } = await keep({ name: 'halt', scope: 'project', subject: 'halted', amount: 3, action: 'stop' })
    await vi.waitFor(async () => {
      await look(Date.now())
      const { stops } = await test.storage.call('budgets.get', { id })
      expect(stops.map(({ job }) => job.uid).toSorted()).toEqual(['deaf', 'stoppable'])
    }, soon)
    const { stops } = await test.storage.call('budgets.get', { id })
    expect(stops.find(({ job }) => job.uid === 'stoppable')?.refusal).toBeNull()
    expect(stops.find(({ job }) => job.uid === 'deaf')?.refusal).toMatch(/has not said what it can be told/)
    await look(Date.now())
    const commands = async (uid: string) =>
      (await test.storage.call('commands.list', { uid, query: { state: 'any', limit: 10 } })).commands
    expect(await commands('stoppable')).toMatchObject([{ kind: 'stop', note: 'budget «halt» is used up' }])
    expect(await commands('free')).toEqual([])
    expect(await commands('going')).toEqual([])
    const used = await test.storage.call('budgets.used', { project: 'halted', target: 'lab' })
    expect(used.find(({ name }) => name === 'halt')).toMatchObject({ scope: 'project', action: 'stop' })
    await test.storage.call('budgets.delete', { id })
  })

  it('that is off tells nothing', async () => {
    const { id } = await keep({ name: 'off', enabled: false, amount: 1 })
    await look(Date.now())
    expect(await noticesOf(id)).toEqual([])
  })
})
