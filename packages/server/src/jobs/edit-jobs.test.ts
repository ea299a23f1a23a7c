import { type JobPage, limits } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import type { Actor } from '../storage/operation.ts'
import { openTestStorage } from '../storage/test-storage.ts'
import { changeTags } from './edit-jobs.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
  for (const uid of ['job-1', 'job-2', 'job-3'])
    await ask(`/api/jobs/${uid}`, { method: 'PUT', body: { tags: uid === 'job-1' ? ['old'] : [] } })
})
afterAll(() => test.close())

const ask = (path: string, question: object = {}) => test.ask(path, { token: test.tokens.admin, ...question })
const edit = (body: object, token = test.tokens.admin) => test.ask('/api/jobs/edit', { method: 'POST', token, body })

async function list(query = ''): Promise<JobPage['jobs']> {
  const { json } = await ask(`/api/jobs?sort=name&order=asc${query}`)
  return (json as JobPage).jobs // what this route answers with
}

it('tags come and go on many jobs, and the answer names those that changed', async () => {
  const uids = ['job-1', 'job-2', 'job-3', 'nowhere']
  expect((await edit({ uids, addTags: ['old', 'new'] })).json).toEqual({
    uids: ['job-1', 'job-2', 'job-3'],
    missing: 1,
    full: 0,
  })
  expect((await edit({ uids: ['job-1', 'job-2'], removeTags: ['new'] })).json).toMatchObject({
    uids: ['job-1', 'job-2'],
  })
  expect((await edit({ uids: ['job-1'], addTags: ['old'] })).json).toMatchObject({ uids: [] })
  expect((await list()).map(({ tags }) => tags)).toEqual([['old'], ['old'], ['old', 'new']])
  expect((await list('&search=tag:new')).map(({ uid }) => uid)).toEqual(['job-3'])
})

it('archived jobs leave the lists until they are asked for or brought back', async () => {
  await edit({ uids: ['job-2'], archived: true })
  expect((await list()).map(({ uid }) => uid)).toEqual(['job-1', 'job-3'])
  expect(await list('&archived=yes')).toMatchObject([{ uid: 'job-2', archivedAt: expect.any(Number) }])
  expect(await list('&archived=any')).toHaveLength(3)
  expect((await ask('/api/jobs/job-2')).json).toMatchObject({ uid: 'job-2' })
  expect((await edit({ uids: ['job-2'], archived: false })).json).toMatchObject({ uids: ['job-2'] })
  expect(await list()).toHaveLength(3)
})

it('a job of somebody else is as good as missing, except for admins', async () => {
  const storage = await openTestStorage()
  await storage.put('theirs')
  const edited = (actor: Actor) =>
    storage.storage.call('jobs.edit-some', { uids: ['theirs'], patch: { archived: true }, actor, by: null })
  expect(await edited({ memberId: 77, all: false, jobUid: null })).toEqual({ uids: [], missing: 1, full: 0 })
  expect(await edited(storage.admin)).toMatchObject({ uids: ['theirs'] })
  await storage.close()
})

it('it takes the right to manage training, and a bounded list of jobs', async () => {
  expect((await edit({ uids: ['job-1'], addTags: ['x'] }, test.tokens.viewer)).status).toBe(403)
  expect((await edit({ uids: [] })).status).toBe(400)
  const many = Array.from({ length: limits.bulkJobsMax + 1 }, (_, at) => `uid-${at}`)
  expect((await edit({ uids: many, archived: true })).status).toBe(400)
})

it('tags keep their order, and each stands once', () => {
  expect(changeTags(['a', 'b'], { addTags: ['c', 'a'], removeTags: ['b'] })).toEqual(['a', 'c'])
})
