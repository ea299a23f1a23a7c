import { type CompareAnswer, limits } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { pointsOf, toJson } from '../storage/test-storage.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

const numbers = new Map<string, number>()

async function report(uid: string, parts: object): Promise<void> {
  const number = (numbers.get(uid) ?? 0) + 1
  numbers.set(uid, number)
  const envelope = { attempt: 1, writer: 'w', number, role: 'sdk', sentAt: Date.now() }
  const body = JSON.parse(new TextDecoder().decode(toJson({ ...envelope, ...parts }))) as object // our own JSON
  const path = `/api/jobs/${uid}/reports`
  const { status, text } = await test.ask(path, { method: 'POST', token: test.tokens.reporter, body })
  expect({ status, text }).toMatchObject({ status: 200 })
}

async function put(uid: string, body: object = {}): Promise<void> {
  const { status } = await test.ask(`/api/jobs/${uid}`, { method: 'PUT', token: test.tokens.reporter, body })
  expect(status).toBe(200)
}

const askFor = (uids: readonly string[]) =>
  test.ask(`/api/compare?${uids.map((uid) => `job=${encodeURIComponent(uid)}`).join('&')}`, {
    token: test.tokens.viewer,
  })

async function compare(...uids: string[]): Promise<CompareAnswer> {
  const { status, json } = await askFor(uids)
  expect(status).toBe(200)
  return json as CompareAnswer // what this route answers with
}

describe('a comparison', () => {
  it('has of each job what it was given and what it reached, in the order asked for', async () => {
    const hardware = { host: 'h', gpus: [0, 1].map((index) => ({ index, name: 'A100' })) }
    await put('job-one', { config: { lr: 0.1, model: { depth: 2 } }, recipe: { packages: { torch: '2.9' } } })
    await put('job-two', { config: { lr: 0.2, dims: [1, 2] }, hardware, summary: { best: 0.5 } })
    await report('job-one', {
      points: [
        pointsOf({ loss: [3, 1, 2], custom: [1, 2, 3] }),
        pointsOf({ 'gpu.utilization': [50, 70] }, { source: 'gpu:h/0' }),
        pointsOf({ 'gpu.utilization': [90, 100, Number.NaN] }, { source: 'gpu:h/1' }),
      ],
      job: { metrics: [{ key: 'custom', goal: 'maximize' }] },
    })
    await report('job-two', { points: [pointsOf({ loss: [2, Number.NaN] })] })
    const { jobs, missing } = await compare('job-two', 'job-one')
    expect(missing).toEqual([])
    expect(jobs.map(({ uid }) => uid)).toEqual(['job-two', 'job-one'])
    const [two, one] = jobs
    expect(one).toMatchObject({
      config: { lr: 0.1, 'model.depth': 2 },
      recipe: { packages: { torch: '2.9' } },
      metrics: [
        { key: 'loss', goal: 'minimize', total: 3, last: 2, lastStep: 2, min: 1, minStep: 1, max: 3, maxStep: 0 },
        { key: 'custom', goal: 'maximize', last: 3 },
      ],
      // Of all points of both: (50 + 70 + 90 + 100) / 4.
      resources: [{ key: 'gpu.utilization', sources: 2, mean: 77.5, peak: 100 }],
      gpus: 0,
      leftOut: 0,
    })
    expect(two).toMatchObject({
      config: { lr: 0.2, dims: '[1,2]' },
      summary: { best: 0.5 },
      metrics: [{ key: 'loss', last: null, min: 2, max: 2 }],
      gpus: 2,
    })
  })

  it('names what it cannot find, and shows the others', async () => {
    await put('here')
    await put('gone')
    await test.ask('/api/jobs/gone', { method: 'DELETE', token: test.tokens.admin })
    const { jobs, missing } = await compare('here', 'gone', 'no-such-job', '»no uid«')
    expect(jobs.map(({ uid }) => uid)).toEqual(['here'])
    expect(missing).toEqual(['gone', 'no-such-job', '»no uid«'])
  })

  it('counts a job once, and takes 2 to 50 of them', async () => {
    const uids = Array.from({ length: limits.compareJobsMax + 1 }, (_, at) => `job-${at}`)
    expect((await askFor(uids.slice(0, -1))).status).toBe(200)
    expect(await askFor(uids)).toMatchObject({ status: 400, json: { error: { field: 'job' } } })
    expect((await askFor(['job-0', 'job-0'])).status).toBe(400)
    expect((await askFor([])).status).toBe(400)
    await put('twice')
    const { jobs } = await compare('twice', 'twice', 'other')
    expect(jobs).toHaveLength(1)
  })

  it('takes the time of all attempts, without what lay between them', async () => {
    await put('timed', { hardware: { host: 'h', gpus: [{ index: 0, name: 'A100' }] }, attempt: { claim: 'a' } })
    await report('timed', { state: { state: 'failed', at: Date.now() } })
    const [timed] = (await compare('timed', 'other')).jobs
    expect(timed?.activeMs).toBeGreaterThanOrEqual(0)
    expect(timed?.activeMs).toBeLessThan(60_000)
    expect(timed?.gpus).toBe(1)
    await put('waiting', { state: 'queued' })
    expect((await compare('waiting', 'other')).jobs[0]?.activeMs).toBeNull()
  })

  it('is bounded in names, texts and metrics, and says how much it left out', async () => {
    const { compareNamesMax, compareTextMax, compareMetricsMax } = limits
    const config = Object.fromEntries(Array.from({ length: compareNamesMax + 10 }, (_, at) => [`k${at}`, at]))
    await put('wide', { config, recipe: { packages: { long: 'x'.repeat(compareTextMax + 1) } } })
    const metrics = Object.fromEntries(Array.from({ length: compareMetricsMax + 5 }, (_, at) => [`m${at}`, [at]]))
    await report('wide', {
      points: [pointsOf({ ...metrics, loss: [1] })],
      job: { metrics: [{ key: 'm0', hidden: true }] },
    })
    const [wide] = (await compare('wide', 'other')).jobs
    expect(Object.keys(wide?.config ?? {})).toHaveLength(compareNamesMax)
    expect(wide?.recipe?.packages?.['long']).toHaveLength(compareTextMax)
    expect(wide?.metrics).toHaveLength(compareMetricsMax)
    expect(wide?.metrics[0]?.key).toBe('loss')
    // Ten names and five metrics; the hidden one is not left out, it is not wanted.
    expect(wide?.leftOut).toBe(15)
  })
})
