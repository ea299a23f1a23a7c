import {
  type JobCard,
  type JobsEvent,
  type RateCardInput,
  type RouteAnswer,
  jobHistoryQuery,
  jobQuery,
  limits,
  rateCard,
} from '@pilothouse/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { readCards } from '../jobs/read-job.ts'
import { openTestContext } from '../storage/test-context.ts'
import { type TestStorage, openTestStorage, waitForUpdate } from '../storage/test-storage.ts'

const hour = 3_600_000
const soon = { timeout: 20_000, interval: 50 }

describe('costs', () => {
  let test: TestStorage
  let now: number
  beforeEach(async () => {
    test = await openTestStorage()
    now = Date.now()
  })
  afterEach(() => test.close())

  const set = (...rates: RateCardInput['rates']) => setIn('USD', ...rates)
  const setIn = (currency: string, ...rates: RateCardInput['rates']) =>
    test.storage.call('rates.set', rateCard.parse({ currency, rates }))
  const gpusOf = (count: number, name = 'NVIDIA A100') => ({
    host: 'node1',
    gpus: Array.from({ length: count }, (_, index) => ({ index, name })),
    gpuAbsence: null,
  })
  const list = async (query: object = {}): Promise<JobCard[]> => {
    const input = { query: jobQuery.parse(query), onlyUid: null, memberId: test.admin.memberId }
    return (await test.storage.call('jobs.list', input)).jobs
  }
  const costOf = async (uid: string) => (await list()).find((card) => card.uid === uid)?.cost ?? null
  const read = async () => ({
    statistics: await test.storage.call('jobs.statistics', null),
    history: await test.storage.call('jobs.history', {
      query: jobHistoryQuery.parse({ from: now - 24 * hour, until: now + hour }),
      onlyUid: null,
      memberId: test.admin.memberId,
    }),
    performance: (uid: string) => test.storage.call('jobs.performance', { uid }),
  })

  /** A job of so many hours that has ended. */
  async function run(uid: string, hours: number, body: Parameters<TestStorage['put']>[1] = {}): Promise<void> {
    await test.put(uid, { createdAt: now - hours * hour, startedAt: now - hours * hour, ...body })
    await test.report(uid, { state: { state: 'completed', at: now } })
  }

  it('are not known as long as nobody set rates', async () => {
    await run('done', 2, { hardware: gpusOf(2) })
    const { statistics, history, performance } = await read()
    expect(statistics.costWeek).toBeNull()
    expect(history).toMatchObject({ currency: null, total: { cost: 0 } })
    expect((await performance('done')).cost).toBeNull()
    expect(await costOf('done')).toBeNull()
    expect(await test.storage.call('rates.get', null)).toEqual({ currency: 'USD', rates: [] })
  })

  it('are those of hours times GPUs, of past jobs too, and the same wherever they stand', async () => {
    await run('done', 2, { hardware: gpusOf(2) })
    await run('free', 3)
    await set({ gpu: 'a100', gpuHour: 1.5 })
    await vi.waitFor(async () => expect((await costOf('done'))?.amount).toBeCloseTo(6, 1), soon)
    expect(await costOf('done')).toMatchObject({ currency: 'USD', perHour: 0 })
    const { statistics, history, performance } = await read()
    expect(statistics.costWeek).toMatchObject({ amount: expect.closeTo(6, 1), currency: 'USD' })
    expect(statistics.costWeek?.unpricedHours).toBeCloseTo(3, 1)
    expect(history).toMatchObject({ currency: 'USD', total: { cost: expect.closeTo(6, 1) } })
    expect(history.total.unpricedHours).toBeCloseTo(3, 1)
    expect(history.parts.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(history.total.cost)
    expect((await performance('done')).cost).toMatchObject({
      amount: expect.closeTo(6, 1),
      parts: [{ kind: 'gpu', name: 'NVIDIA A100', count: 2, perHour: 1.5 }],
    })
    expect((await test.storage.call('compare.job', { uid: 'done' }))?.cost?.amount).toBeCloseTo(6, 1)
  })

  it('follow other rates and another currency, and go when the rates go', async () => {
    await run('done', 1, { hardware: gpusOf(1) })
    await set({ gpuHour: 2 })
    await vi.waitFor(async () => expect((await costOf('done'))?.amount).toBeCloseTo(2, 1), soon)
    await setIn('EUR', { gpuHour: 3 })
    await vi.waitFor(async () => expect(await costOf('done')).toMatchObject({ currency: 'EUR' }), soon)
    expect((await costOf('done'))?.amount).toBeCloseTo(3, 1)
    await setIn('EUR', { gpuHour: 0 })
    await vi.waitFor(async () => expect(await costOf('done')).toMatchObject({ amount: 0 }), soon)
    await set()
    await vi.waitFor(async () => expect(await costOf('done')).toBeNull(), soon)
    expect((await read()).statistics.costWeek).toBeNull()
  })

  it('of a job under way grow, and are told live as soon as it has a price', async () => {
    await set({ gpuHour: 1 }, { hostHour: 0.5 })
    const told = waitForUpdate(test.storage, (update) =>
      update.topic === 'jobs' ? (update.data as JobsEvent).jobs.find(({ cost }) => cost !== null) : undefined,
    ) // what this topic carries
    await test.put('going', { startedAt: now - 4 * hour, createdAt: now - 4 * hour, hardware: gpusOf(3) })
    const { cost } = await told
    expect(cost).toMatchObject({ amount: expect.closeTo(12, 1), perHour: 3 })
    expect((await list({ search: 'cost>11.5' })).map(({ uid }) => uid)).toEqual(['going'])
    expect(await list({ search: 'cost<11.5' })).toEqual([])
  })

  it('count the attempts of a job that went on, without the time between them', async () => {
    await set({ hostHour: 1 })
    const claim = (number: number) => ({ attempt: { claim: `slurm:c/1/${number}`, lasting: true } })
    await test.put('again', { ...claim(0), createdAt: now - 9 * hour, startedAt: now - 9 * hour })
    await test.report('again', { state: { state: 'failed', at: now - 7 * hour } })
    const next = await test.put('again', { attempt: { claim: 'slurm:c/1/1', lasting: true, after: 'slurm:c/1/0' } })
    expect(next.attempt).toBe(2)
    await vi.waitFor(async () => expect(await costOf('again')).toMatchObject({ perHour: 1 }), soon)
    const ofFirst = (await costOf('again'))?.amount ?? 0
    expect(ofFirst).toBeCloseTo(2, 1)
    expect((await (await read()).performance('again')).cost?.amount).toBeCloseTo(ofFirst, 1)
    expect((await read()).statistics.costWeek?.amount).toBeCloseTo(ofFirst, 1)
  })

  it('are priced anew when the job tells of its machine, its target or its project', async () => {
    await set({ project: 'paid', hostHour: 8 }, { gpu: 'H100', gpuHour: 4 }, { target: 'lab*', hostHour: 1 })
    await test.put('moved', { startedAt: now - hour, createdAt: now - hour })
    await vi.waitFor(async () => expect((await read()).statistics.total).toBe(1), soon)
    expect(await costOf('moved')).toBeNull()
    const edit = (patch: object) => test.storage.call('jobs.edit', { uid: 'moved', patch, actor: test.admin })
    await edit({ target: 'lab-3' })
    await vi.waitFor(async () => expect(await costOf('moved')).toMatchObject({ perHour: 1 }), soon)
    await edit({ hardware: gpusOf(2, 'NVIDIA H100') })
    await vi.waitFor(async () => expect(await costOf('moved')).toMatchObject({ perHour: 8 }), soon)
    await edit({ project: 'paid' })
    await vi.waitFor(async () => expect(await costOf('moved')).toMatchObject({ perHour: 8 }), soon)
    await edit({ project: 'other', target: null, hardware: gpusOf(1, 'Tesla T4') })
    await vi.waitFor(async () => expect(await costOf('moved')).toBeNull(), soon)
  })

  it('are sorted by, those without one last', async () => {
    await run('cheap', 1, { hardware: gpusOf(1) })
    await run('dear', 5, { hardware: gpusOf(4) })
    await run('unknown', 9)
    await set({ gpuHour: 1 })
    for (const uid of ['cheap', 'dear']) await vi.waitFor(async () => expect(await costOf(uid)).not.toBeNull(), soon)
    const by = async (order: string) => (await list({ sort: 'cost', order })).map(({ uid }) => uid)
    expect(await by('desc')).toEqual(['dear', 'cheap', 'unknown'])
    expect(await by('asc')).toEqual(['cheap', 'dear', 'unknown'])
  })

  it('a rate from a day on leaves jobs that started before as they were', async () => {
    await run('before', 2)
    await test.put('after', { startedAt: now - hour, createdAt: now - 2 * hour })
    await set({ from: now - 1.5 * hour, hostHour: 10 }, { hostHour: 1 })
    await vi.waitFor(async () => expect((await costOf('before'))?.amount).toBeCloseTo(2, 1), soon)
    await vi.waitFor(async () => expect(await costOf('after')).toMatchObject({ perHour: 10 }), soon)
  })

  it('of jobs of before a start are worked out after it, and a restored job has the rates of today', async () => {
    await run('done', 1)
    await run('deleted', 1)
    await test.storage.call('jobs.delete', { uid: 'deleted', now: false, actor: test.admin })
    await set({ hostHour: 2 })
    await test.reopen()
    await vi.waitFor(async () => expect((await costOf('done'))?.amount).toBeCloseTo(2, 1), soon)
    await test.storage.call('jobs.restore', { uid: 'deleted' })
    await vi.waitFor(async () => expect((await costOf('deleted'))?.amount).toBeCloseTo(2, 1), soon)
  })
})

it('attempts that overlap count each; one that never started, or ended before it started, counts nothing', async () => {
  const { context, close } = await openTestContext(() => 10 * hour)
  const { db } = context
  const job = { uid: 'job-1', kind: 'training', owner_id: 1, project: 'p', name: 'n', state: 'running' } as const
  const rest = { tags: '[]', created_ms: 0, attempt: 5, branch: 0, search: '', gpus: 0, version: 0 }
  const price = { hour_cost: 2, hour_currency: 'USD' }
  const { id } = await db
    .insertInto('job')
    .values({ ...job, ...rest, ...price })
    .returning('id')
    .executeTakeFirstOrThrow()
  const times = [
    [0, 3 * hour],
    [2 * hour, 4 * hour],
    [null, null],
    [6 * hour, 5 * hour],
    [9 * hour, null],
  ] as const
  const counts = { log_lines: 0, log_bytes: 0, log_debug: 0, log_info: 0, log_warning: 0, log_error: 0, sdk_spoke: 0 }
  for (const [at, [started_ms, ended_ms]] of times.entries()) {
    const attempt = {
      job_id: id,
      number: at + 1,
      owner_id: 1,
      state: 'running',
      created_ms: 0,
      started_ms,
      ended_ms,
    } as const
    await db
      .insertInto('attempt')
      .values({ ...attempt, ...counts })
      .execute()
  }
  const [card] = await readCards(context, [id])
  expect(card?.cost).toEqual({ amount: 2 * (3 + 2 + 0 + 1), currency: 'USD', perHour: 2, at: 10 * hour })
  await close()
})

describe('the route of the rates', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
  })
  afterAll(() => test.close())

  const put = (body: unknown) => test.ask('/api/system/rates', { method: 'PUT', token: test.tokens.admin, body })

  it('answers with what was set, everything that was left out said', async () => {
    const { json } = await put({ currency: 'eur', rates: [{ gpu: ' A100 ', gpuHour: 1.9 }] })
    const whole = { target: null, project: null, from: null, hostHour: null }
    expect(json).toEqual({ currency: 'EUR', rates: [{ ...whole, gpu: 'A100', gpuHour: 1.9 }] })
    const { json: read } = await test.ask('/api/system/rates', { token: test.tokens.admin })
    expect(read as RouteAnswer<'system.rates'>).toEqual(json)
  })

  it.each([
    ['a currency that there is not', { currency: 'USB', rates: [] }, 'currency'],
    ['no code of a currency', { currency: '$', rates: [] }, 'currency'],
    ['no currency', { rates: [] }, 'currency'],
    ['a price below nothing', { currency: 'USD', rates: [{ gpuHour: -1 }] }, 'rates[0].gpuHour'],
    ['a price that is no number', { currency: 'USD', rates: [{ gpuHour: Number.NaN }] }, 'rates[0].gpuHour'],
    ['a price in words', { currency: 'USD', rates: [{ gpuHour: 'NaN' }] }, 'rates[0].gpuHour'],
    ['a price beyond all', { currency: 'USD', rates: [{ hostHour: 1e300 }] }, 'rates[0].hostHour'],
    ['a rate without a price', { currency: 'USD', rates: [{ gpu: 'A100' }] }, 'rates[0].gpuHour'],
    ['an empty name', { currency: 'USD', rates: [{ gpu: ' ', gpuHour: 1 }] }, 'rates[0].gpu'],
    ['a day that there is not', { currency: 'USD', rates: [{ from: 1e300, gpuHour: 1 }] }, 'rates[0].from'],
  ])('%s is refused with its place', async (_what, body, field) => {
    const { status, json } = await put(body)
    expect({ status, json }).toMatchObject({ status: 400, json: { error: { field } } })
  })

  it('has a bound for their number', async () => {
    const rates = (count: number) => Array.from({ length: count }, () => ({ gpuHour: 1 }))
    expect((await put({ currency: 'USD', rates: rates(limits.ratesMax) })).status).toBe(200)
    expect((await put({ currency: 'USD', rates: rates(limits.ratesMax + 1) })).status).toBe(400)
    expect((await put({ currency: 'USD', rates: rates(10_000) })).status).toBe(400)
  })

  it('is for admins; what jobs cost is for all who see jobs', async () => {
    await put({ currency: 'USD', rates: [{ hostHour: 1 }] })
    const as = (token: string, path: string) => test.ask(path, { token })
    expect((await as(test.tokens.viewer, '/api/system/rates')).status).toBe(403)
    expect((await as(test.tokens.member, '/api/system/rates')).status).toBe(403)
    const { json } = await as(test.tokens.viewer, '/api/jobs/statistics')
    expect(json).toMatchObject({ costWeek: { amount: 0, currency: 'USD' } })
  })
})
