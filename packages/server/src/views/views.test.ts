import { type View, limits } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'
import type { Viewer } from './views.ts'

let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
})
afterAll(() => test.close())

const anna: Viewer = { memberId: 1, all: false, mayLaunch: true }
const bert: Viewer = { memberId: 2, all: false, mayLaunch: false }
const chief: Viewer = { memberId: 3, all: true, mayLaunch: true }

type Draft = Partial<Pick<View, 'page' | 'project' | 'name' | 'search' | 'isShared' | 'isDefault'>>

function keep(viewer: Viewer, draft: Draft = {}) {
  const body = { page: 'jobs' as const, project: null, name: 'n', search: '', isShared: false, isDefault: false }
  return test.storage.call('views.create', { body: { ...body, ...draft }, viewer })
}

async function listNames(viewer: Viewer, query: { page?: View['page']; project?: string } = {}): Promise<string[]> {
  const { views } = await test.storage.call('views.list', { query, viewer })
  return views.map(({ name }) => name)
}

it('a view is seen by its owner, and by all once it is shared', async () => {
  const view = await keep(anna, { name: 'mine', search: 'q=a&state=failed' })
  expect(view).toMatchObject({ name: 'mine', search: 'q=a&state=failed', isShared: false, isDefault: false })
  expect(await listNames(bert)).not.toContain('mine')
  await test.storage.call('views.edit', { id: view.id, patch: { isShared: true }, viewer: anna })
  expect(await listNames(bert)).toContain('mine')
})

it('what belongs to somebody else is not found, except that admins change what is shared', async () => {
  const own = await keep(anna, { name: 'private' })
  const shared = await keep(anna, { name: 'public', isShared: true })
  for (const viewer of [bert, chief])
    await expect(test.storage.call('views.delete', { id: own.id, viewer })).rejects.toMatchObject({ code: 'notFound' })
  const rename = (viewer: Viewer) =>
    test.storage.call('views.edit', { id: shared.id, patch: { name: 'renamed' }, viewer })
  await expect(rename(bert)).rejects.toMatchObject({ code: 'notFound' })
  expect(await rename(chief)).toMatchObject({ name: 'renamed', owner: { id: anna.memberId } })
})

it('a member has one view that a page opens with, also one that another shares', async () => {
  const first = await keep(bert, { name: 'first', isDefault: true })
  const shared = await keep(anna, { name: 'team', isShared: true })
  expect(first.isDefault).toBe(true)
  const chosen = await test.storage.call('views.edit', { id: shared.id, patch: { isDefault: true }, viewer: bert })
  expect(chosen.isDefault).toBe(true)
  const { views } = await test.storage.call('views.list', { query: { page: 'jobs' }, viewer: bert })
  expect(views.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(['team'])
  await test.storage.call('views.edit', { id: shared.id, patch: { isShared: false }, viewer: anna })
  const later = await test.storage.call('views.list', { query: { page: 'jobs' }, viewer: bert })
  expect(later.views.some(({ isDefault }) => isDefault)).toBe(false)
})

it('views of one project are left out for another, and names are free on other pages', async () => {
  await keep(anna, { name: 'curves', page: 'metrics', project: 'vision' })
  await keep(anna, { name: 'curves', page: 'metrics', project: 'audio' })
  await keep(anna, { name: 'curves', page: 'metrics' })
  expect(await listNames(anna, { page: 'metrics', project: 'vision' })).toEqual(['curves', 'curves'])
  await expect(keep(anna, { name: 'curves', page: 'metrics', project: 'audio' })).rejects.toMatchObject({
    code: 'conflict',
    field: 'name',
  })
})

const wish = { project: 'vision', spec: { target: 'dgx', command: ['python3', 'train.py'] }, variables: ['HF_TOKEN'] }

it('a preset of the launch form is kept whole, by those who may launch, and never with the value of a variable', async () => {
  const preset = { page: 'launch' as const, project: 'vision', name: 'night' }
  const kept = await keep(anna, { ...preset, search: JSON.stringify(wish), isShared: true })
  expect(JSON.parse(kept.search)).toMatchObject({ ...wish, spec: { ...wish.spec, requeue: true }, form: null })
  expect(await listNames(bert, { page: 'launch', project: 'vision' })).toEqual(['night'])
  expect(await listNames(bert, { page: 'launch', project: 'audio' })).toEqual([])
  await expect(keep(bert, { ...preset, search: JSON.stringify(wish) })).rejects.toMatchObject({ code: 'forbidden' })
  const withValue = { ...wish, spec: { ...wish.spec, environment: { HF_TOKEN: 'secret' } } }
  for (const search of ['', 'target=dgx', '{', JSON.stringify({ ...wish, spec: {} }), JSON.stringify(withValue)]) {
    await expect(keep(anna, { ...preset, name: 'other', search })).rejects.toMatchObject({ code: 'invalid' })
    const edit = test.storage.call('views.edit', { id: kept.id, patch: { search }, viewer: anna })
    await expect(edit).rejects.toMatchObject({ code: 'invalid', field: 'search' })
  }
  const own: Viewer = { ...anna, mayLaunch: false }
  for (const call of [
    test.storage.call('views.edit', { id: kept.id, patch: { name: 'day' }, viewer: own }),
    test.storage.call('views.delete', { id: kept.id, viewer: own }),
  ])
    await expect(call).rejects.toMatchObject({ code: 'forbidden' })
  await test.storage.call('views.delete', { id: kept.id, viewer: anna })
  expect(await listNames(anna, { page: 'launch' })).toEqual([])
})

it('a member keeps a bounded number of views', async () => {
  const many: Viewer = { memberId: 9, all: false, mayLaunch: false }
  for (let at = 0; at < limits.memberViewsMax; at += 1) await keep(many, { name: `view ${at}` })
  await expect(keep(many, { name: 'one too many' })).rejects.toMatchObject({ code: 'invalid' })
})

it('only who may manage training shares, and changes are audited', async () => {
  const server: TestServer = await startTestServer()
  const ask = (token: string, isShared: boolean) =>
    server.ask('/api/views', {
      method: 'POST',
      token,
      body: { page: 'jobs', name: `v ${isShared}`, search: '', isShared },
    })
  const { viewer, member } = server.tokens
  expect((await ask(viewer, false)).status).toBe(200)
  expect(await ask(viewer, true)).toMatchObject({
    status: 403,
    json: { error: { code: 'forbidden', field: 'isShared' } },
  })
  expect((await ask(member, true)).status).toBe(200)
  const preset = { page: 'launch', name: 'p', search: JSON.stringify(wish) }
  expect((await server.ask('/api/views', { method: 'POST', token: member, body: preset })).status).toBe(403)
  expect((await server.ask('/api/views', { method: 'POST', token: server.tokens.admin, body: preset })).status).toBe(
    200,
  )
  const long = { page: 'jobs', name: 'x', search: 'q'.repeat(limits.viewSearchLengthMax + 1) }
  expect((await server.ask('/api/views', { method: 'POST', token: member, body: long })).status).toBe(400)
  await server.close()
})
