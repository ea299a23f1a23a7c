import { type LaunchSpec, launchSpec, rateCard, type UsageHistory, usageHistoryQuery } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { openTestStorage, pointsOf, type TestStorage } from '../storage/test-storage.ts'

const hour = 3_600_000
const soon = { timeout: 20_000, interval: 50 }
const now = Date.now()
let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
})
afterAll(() => test.close())

async function read(query: Record<string, unknown> = {}): Promise<UsageHistory> {
  const asked = usageHistoryQuery.parse({ from: now - 10 * hour, until: now + 2 * hour, parts: 12, ...query })
  return test.storage.call('usage.history', { query: asked, onlyUid: null })
}

/** A job that has run for so many hours. */
async function run(
  uid: string,
  hours: number,
  end: object,
  body: Parameters<TestStorage['put']>[1] = {},
): Promise<void> {
  await test.put(uid, { project: 'vision', createdAt: now - 9 * hour, startedAt: now - hours * hour, ...body })
  await test.report(uid, { state: { state: 'completed', at: now, ...end } as never })
}

const gpus = (count: number, name = 'A100') => ({
  host: 'node-1',
  gpus: Array.from({ length: count }, (_, index) => ({ index, name })),
  gpuAbsence: null,
})

it('jobs count by outcome and day, hours by member, place and kind of GPU, and what failed by its cause', async () => {
  await run('one', 1, {}, { hardware: gpus(2), target: 'dgx' })
  await run('two', 2, {}, { hardware: gpus(1, 'H100'), target: 'dgx' })
  await run('three', 3, {
    state: 'failed',
    exitCode: 1,
    error: { type: 'ModuleNotFoundError', message: "No module named 'x'" },
  })
  await run('four', 4, { state: 'failed', error: { type: 'TimeLimit', message: 'Its time limit was over.' } })
  await run('five', 5, { state: 'failed', exitCode: 1, error: { type: 'Strange', message: 'never seen' } })
  await run('six', 6, { state: 'cancelled' })
  await run('other', 7, {}, { project: 'audio' })
  await test.put('going', { project: 'vision', startedAt: now - hour })
  await vi.waitFor(async () => expect((await read({ project: 'vision' })).total.jobs).toBe(6), soon)
  const history = await read({ project: 'vision' })
  expect(history.total).toMatchObject({ completed: 2, failed: 3, cancelled: 1, lost: 0 })
  expect(history.total.hours).toBeCloseTo(21, 1)
  expect(history.total.gpuHours).toBeCloseTo(4, 1)
  expect(history.parts).toHaveLength(12)
  expect(history.parts[10]).toMatchObject({ completed: 2, failed: 3, cancelled: 1 })
  expect(history.parts.reduce((sum, one) => sum + one.completed, 0)).toBe(2)
  expect(history.ran.jobs).toBe(6)
  expect(history.ran.median).toBeCloseTo(3 * hour, -4)
  expect(history.ran.p90).toBeCloseTo(6 * hour, -4)
  expect(history.members).toMatchObject([{ jobs: 6, failed: 3, name: 'admin' }])
  expect(history.places).toMatchObject([
    { name: 'dgx', jobs: 2 },
    { name: null, jobs: 4 },
  ])
  expect(new Map(history.gpus.map(({ name, jobs }) => [name, jobs]))).toEqual(
    new Map([
      [null, 4],
      ['A100', 1],
      ['H100', 1],
    ]),
  )
  expect(history.causes.toSorted((a, b) => a.cause.localeCompare(b.cause))).toEqual([
    { cause: 'cancelled', jobs: 1 },
    { cause: 'missing-module', jobs: 1 },
    { cause: 'time-limit', jobs: 1 },
    { cause: 'unknown', jobs: 1 },
  ])
  expect(history.waited).toEqual({ jobs: 0, median: null, p90: null })
  expect(history.use).toEqual({
    time: { jobs: 0, share: null },
    gpus: { jobs: 0, share: null },
    memory: { jobs: 0, share: null },
  })
  expect((await read({ target: 'dgx' })).total.jobs).toBe(2)
  expect((await read({ project: 'audio' })).total).toMatchObject({ jobs: 1, completed: 1 })
  const all = await read({ project: 'vision', from: undefined })
  expect([all.total.jobs, all.parts[0]?.completed]).toEqual([6, 2])
  expect((await read({ project: 'nothing', from: undefined })).total.jobs).toBe(0)
})

it('a launch is compared with what it asked for: time, GPUs and memory, and how long it waited', async () => {
  const spec: LaunchSpec = launchSpec.parse({
    target: 'lab',
    command: ['true'],
    resources: { partition: 'gpu', gpus: { count: 2 }, memoryMb: 1_024, timeLimitMinutes: 240 },
  })
  const launches = [
    { uid: 'launched', name: 'l', project: 'lab', kind: 'training' as const, spec, recipe: {} as never },
  ]
  await test.storage.call('launches.create', {
    memberId: test.admin.memberId,
    key: null,
    group: null,
    target: 'slurm',
    script: null,
    launches,
  })
  const steps = [{ step: 'submit', state: 'done', words: null, hint: null, startedAt: now - hour, endedAt: now - hour }]
  const launch = await test.storage.call('launches.find', { uid: 'launched' })
  if (!launch) throw new Error('It was not launched.')
  await test.storage.call('launches.note', { launch, patch: { steps: JSON.stringify(steps), state: 'over' } })
  await test.report('launched', { state: { state: 'running', at: now } })
  await test.storage.call('jobs.edit', { uid: 'launched', patch: { hardware: gpus(2) }, actor: test.admin })
  const times = { first: 0, time: now - hour }
  await test.report('launched', {
    points: [
      pointsOf({ 'gpu.utilization': [20, 40] }, { ...times, source: 'gpu:node-1/0' }),
      pointsOf({ 'gpu.utilization': [0, 20] }, { ...times, source: 'gpu:node-1/1' }),
      pointsOf({ 'process.memory': [1e8, 512 * 1024 ** 2] }, { ...times, source: 'host:node-1' }),
    ],
  })
  await test.report('launched', { state: { state: 'completed', at: Date.now() } })
  await vi.waitFor(async () => expect((await read({ project: 'lab', until: now + 3 * hour })).total.jobs).toBe(1), soon)
  const { waited, ran, use, places } = await read({ project: 'lab', until: now + 3 * hour })
  expect(waited.jobs).toBe(1)
  expect(waited.median).toBeCloseTo(hour, -5)
  expect(use.time).toEqual({ jobs: 1, share: (ran.median ?? 0) / (240 * 60_000) })
  expect(ran.median).toBeGreaterThan(0)
  expect(use.gpus).toEqual({ jobs: 1, share: expect.closeTo(0.2, 2) })
  expect(use.memory).toEqual({ jobs: 1, share: expect.closeTo(0.5, 2) })
  expect(places).toMatchObject([{ name: 'lab/gpu' }])
})

it.each([
  ['slurm', ['a100', true]],
  ['ssh', [null, false]],
] as const)('a job on %s that tells of no GPUs has had those that its scheduler gave it', async (target, expected) => {
  const uid = `silent-${target}`
  const spec = launchSpec.parse({
    target: 'lab',
    command: ['true'],
    resources: { nodes: 2, gpus: { type: 'a100', count: 2 } },
  })
  const launches = [{ uid, name: uid, project: uid, kind: 'training' as const, spec, recipe: {} as never }]
  const how = { memberId: test.admin.memberId, key: null, group: null, target, script: null }
  await test.storage.call('launches.create', { ...how, launches })
  await test.report(uid, { state: { state: 'running', at: now } })
  await test.report(uid, { state: { state: 'completed', at: now + hour } })
  await vi.waitFor(async () => {
    const { gpus: kinds } = await read({ project: uid })
    expect(kinds.map(({ name, gpuHours }) => [name, gpuHours > 0])).toEqual([expected])
  }, soon)
})

it('costs follow the rates, another project its jobs, and what is deleted is not counted', async () => {
  await test.storage.call('rates.set', rateCard.parse({ currency: 'USD', rates: [{ gpuHour: 2 }] }))
  await vi.waitFor(async () => expect((await read({ project: 'vision' })).total.cost).toBeCloseTo(8, 0), soon)
  expect(await read({ project: 'vision' })).toMatchObject({
    currency: 'USD',
    total: { unpricedHours: expect.closeTo(18, 0) },
  })
  await test.storage.call('jobs.edit', { uid: 'one', patch: { project: 'moved' }, actor: test.admin })
  await vi.waitFor(async () => expect((await read({ project: 'moved' })).total.jobs).toBe(1), soon)
  await test.storage.call('jobs.delete', { uid: 'one', now: false, actor: test.admin })
  expect((await read({ project: 'moved' })).total.jobs).toBe(0)
  await test.storage.call('jobs.restore', { uid: 'one' })
  await vi.waitFor(async () => expect((await read({ project: 'moved' })).total.jobs).toBe(1), soon)
})

it('is for those who see jobs, and a token of one job sees that one', async () => {
  const server: TestServer = await startTestServer()
  const path = `/api/usage-history?project=p&until=${now}`
  expect((await server.ask(path, { token: server.tokens.viewer })).status).toBe(200)
  expect((await server.ask(path)).status).toBe(401)
  expect((await server.ask(`${path}&from=${now}`, { token: server.tokens.viewer })).status).toBe(400)
  await server.close()
})
