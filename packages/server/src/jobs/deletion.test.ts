import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer } from '../http/test-server.ts'
import { linesOf, openTestStorage, pointsOf, type TestStorage } from '../storage/test-storage.ts'

let store: TestStorage
beforeAll(async () => void (store = await openTestStorage()))
afterAll(() => store.close())

it('a deleted job is gone for everybody, and comes back whole when it is restored', async () => {
  await makeEnded('undo-1', { tags: ['kept'], config: { lr: 1 } })
  const [job, points] = [await store.storage.call('jobs.get', { uid: 'undo-1' }), await store.query('undo-1')]
  await remove('undo-1')
  await expect(store.storage.call('jobs.get', { uid: 'undo-1' })).rejects.toMatchObject({ code: 'notFound' })
  await expect(store.report('undo-1')).rejects.toMatchObject({ code: 'notFound' })
  expect(await listDeleted()).toMatchObject([{ uid: 'undo-1', state: 'completed', by: 'admin' }])
  const restored = await store.storage.call('jobs.restore', { uid: 'undo-1' })
  expect({ ...restored, progress: null }).toEqual({ ...job, progress: null })
  expect((await store.query('undo-1')).series).toEqual(points.series)
  expect((await store.storage.call('logs.page', { uid: 'undo-1', query: { count: 10 } })).lines).toHaveLength(2)
  expect(await listDeleted()).toEqual([])
})

it('a restored job that had not ended goes on taking reports', async () => {
  await store.put('undo-2')
  await store.report('undo-2', { points: [pointsOf({ loss: [1, 2] })] })
  await remove('undo-2')
  await store.storage.call('jobs.restore', { uid: 'undo-2' })
  await store.report('undo-2', { points: [pointsOf({ loss: [3] }, { first: 2 })] })
  expect((await store.query('undo-2')).series[0]?.total).toBe(3)
})

it('restoring is refused where another job has the uid by now, and where nothing was deleted', async () => {
  await makeEnded('undo-3')
  await remove('undo-3')
  await store.put('undo-3', { name: 'the second' })
  await expect(store.storage.call('jobs.restore', { uid: 'undo-3' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(store.storage.call('jobs.restore', { uid: 'undo-none' })).rejects.toMatchObject({ code: 'notFound' })
})

it('what was deleted for good cannot be restored, and its space is given back', async () => {
  await makeEnded('gone-1')
  await store.storage.call('jobs.delete', { uid: 'gone-1', actor: store.admin, now: true })
  await expect(store.storage.call('jobs.restore', { uid: 'gone-1' })).rejects.toMatchObject({ code: 'notFound' })
  await waitUntil(async () => (await store.storage.call('system.figures', null)).jobs.removing === 0)
})

it('many jobs are counted, then deleted, and none that has not ended', async () => {
  const test = await startTestServer()
  const token = test.tokens.admin
  for (let job = 0; job < 130; job += 1) {
    await test.ask(`/api/jobs/many-${job}`, { method: 'PUT', token, body: { project: job % 2 ? 'odd' : 'even' } })
    const body = { attempt: 1, writer: 'w', number: 1, role: 'sdk', sentAt: 0, state: { state: 'completed', at: 1 } }
    if (job > 1) await test.ask(`/api/jobs/many-${job}/reports`, { method: 'POST', token, body })
  }
  const askDelete = (body: unknown) => test.ask('/api/jobs/delete', { method: 'POST', token, body })
  expect((await askDelete({})).json).toMatchObject({ error: { code: 'invalid', field: 'body' } })
  const counted = await askDelete({ project: ['odd'], dryRun: true })
  expect(counted.json).toMatchObject({ jobs: 64, notEnded: 1, dryRun: true })
  expect((await askDelete({ project: ['odd'] })).json).toMatchObject({ jobs: 64, notEnded: 1, dryRun: false })
  expect((await askDelete({ project: ['odd'] })).json).toMatchObject({ jobs: 0, notEnded: 1 })
  expect((await test.ask('/api/jobs', { token })).json).toMatchObject({ total: 66 })
  expect((await askDelete({ uids: ['many-2', 'many-0', 'none'], now: true })).json).toMatchObject({
    jobs: 1,
    notEnded: 1,
    restorableUntil: null,
  })
  const pages: string[] = []
  let cursor = ''
  do {
    const { json } = await test.ask(`/api/deleted-jobs?limit=30${cursor}`, { token })
    const page = json as { jobs: { uid: string }[]; next: string | null; total: number } // as the route answers
    expect(page.total).toBe(64)
    pages.push(...page.jobs.map(({ uid }) => uid))
    cursor = page.next === null ? '' : `&cursor=${page.next}`
  } while (cursor)
  expect(new Set(pages).size).toBe(64)
  await test.close()
})

async function makeEnded(uid: string, body: Parameters<TestStorage['put']>[1] = {}): Promise<void> {
  await store.put(uid, body)
  await store.report(uid, { points: [pointsOf({ loss: [3, 2, 1] })], logs: [linesOf(['one', 'two'])] })
  await store.report(uid, { state: { state: 'completed', at: Date.now() } })
}

async function remove(uid: string): Promise<void> {
  await store.storage.call('jobs.delete', { uid, actor: store.admin, now: false })
}

async function listDeleted() {
  return (await store.storage.call('jobs.deleted', { limit: 50 })).jobs
}

/** Removal happens between operations, so each question brings it on. */
async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) continue
}
