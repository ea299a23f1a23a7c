import { encodeReport, type SystemStatus, systemStatus, type UsagePage } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { openTestStorage, pointsOf, type TestStorage } from '../storage/test-storage.ts'

let test: TestServer
beforeAll(async () => void (test = await startTestServer()))
afterAll(() => test.close())

it('tells an admin how the server, its store and its intake are', async () => {
  const token = test.tokens.admin
  await test.ask('/api/jobs/job-0001', { method: 'PUT', token, body: {} })
  const points = [pointsOf({ loss: [1, 2, 3], lr: [1, 1, 1] })]
  const body = encodeReport({ attempt: 1, writer: 'w', number: 1, role: 'sdk', sentAt: Date.now(), points })
  const headers = { 'content-type': 'application/x-pilothouse-frame' }
  expect((await test.ask('/api/jobs/job-0001/reports', { method: 'POST', token, body, headers })).status).toBe(200)
  expect((await test.ask('/api/jobs/job-none/reports', { method: 'POST', token, body, headers })).status).toBe(404)
  const { json } = await test.ask('/api/system', { token })
  const status: SystemStatus = systemStatus.parse(json)
  expect(status.jobs).toMatchObject({ total: 1, live: 1, byState: { running: 1, failed: 0 }, removing: 0 })
  expect(status.ingest.pointsPerSecond).toBeCloseTo(6 / 60)
  expect(status.ingest.reportsPerSecond).toBeCloseTo(1 / 60)
  expect(status.ingest.refused).toBe(1)
  expect(status.ingest.ackP99Ms).toBeGreaterThan(0)
  expect(status.database.bytes).toBeGreaterThan(0)
  expect(status.database.writable).toBe(true)
  expect(status.store).toMatchObject({ series: 2, points: 6, headPoints: 6 })
  expect(status.store.headBytes).toBeLessThan(status.store.headBytesMax)
  expect(status.storageThread.utilisation).toBeGreaterThan(0)
  expect(status.disk.totalBytes).toBeGreaterThan(status.disk.freeBytes)
  expect(status.troubles).toEqual([])
})

it('does not tell it to a viewer', async () => {
  const { status, json } = await test.ask('/api/system', { token: test.tokens.viewer })
  expect(status).toBe(403)
  expect(json).toMatchObject({ error: { expected: 'system:manage' } })
})

it('jobs and projects are listed by the space that they take, page after page', async () => {
  const store = await openTestStorage()
  for (let job = 0; job < 7; job += 1) {
    await store.put(`usage-${job}`, { project: job % 2 ? 'odd' : 'even', name: `job ${job}` })
    const values = Array.from({ length: 100 * (job + 1) }, (_, row) => Math.sin(row) + job)
    await store.report(`usage-${job}`, { points: [pointsOf({ loss: values })], state: { state: 'completed', at: 0 } })
  }
  const jobs = await measureAll(store, 7)
  expect(jobs.entries.map(({ id }) => id)).toEqual([6, 5, 4, 3, 2, 1, 0].map((job) => `usage-${job}`))
  expect(jobs.entries[0]).toMatchObject({ name: 'job 6', project: 'even', jobs: 1, points: 700, fileBytes: 0 })
  expect(jobs.totalBytes).toBe(jobs.entries.reduce((sum, { bytes }) => sum + bytes, 0))
  const paged = await readPages(store, { by: 'job', limit: 2 })
  expect(paged).toEqual(jobs.entries)
  const projects = await readPages(store, { by: 'project', limit: 1 })
  expect(projects.map(({ id, jobs: count, points }) => [id, count, points])).toEqual([
    ['even', 4, 1600],
    ['odd', 3, 1200],
  ])
  await store.close()
})

async function readPages(store: TestStorage, query: { by: 'job' | 'project'; limit: number }) {
  const all: UsagePage['entries'] = []
  let cursor: string | undefined
  do {
    const page = await store.storage.call('system.usage', { ...query, cursor })
    all.push(...page.entries)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return all
}

/** The first page, once each job has been measured with its points. */
async function measureAll(store: TestStorage, jobs: number): Promise<UsagePage> {
  const ask = () => store.storage.call('system.usage', { by: 'job', limit: 100 })
  const countMeasured = async () => (await ask()).entries.filter(({ points }) => points > 0).length
  await expect.poll(countMeasured, { timeout: 45_000, interval: 100 }).toBe(jobs)
  return ask()
}
