import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { ErrorBody, Project, ProjectList } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GitYard, openGitYard } from '../../../../lab/git-yard.ts'
import { readConfig } from '../config.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { listRoots } from './allowed-places.ts'

let yard: GitYard
let test: TestServer
beforeAll(async () => {
  yard = openGitYard()
  test = await startTestServer({ projectRoots: [join(yard.root, 'open')], gitEnvironment: yard.environment })
  mkdirSync(join(yard.root, 'open'))
})
afterAll(async () => {
  await test.close()
  yard.close()
})

const add = async (place: string, name?: string, token = test.tokens.admin) =>
  test.ask('/api/projects', { method: 'POST', token, body: { place, ...(name === undefined ? {} : { name }) } })
type Added = Project & { id: number }
const addWell = async (place: string, name?: string): Promise<Added> => {
  const { status, json } = await add(place, name)
  expect([status, json]).toEqual([200, expect.anything()])
  return json as Added // what this route answers with
}
const get = async (id: number, token = test.tokens.viewer): Promise<Project> =>
  (await test.ask(`/api/projects/${id}`, { token })).json as Project // as above
const list = async (query = '', token = test.tokens.viewer): Promise<ProjectList> =>
  (await test.ask(`/api/projects${query}`, { token })).json as ProjectList // as above
const sync = async (id: number) => test.ask(`/api/projects/${id}/sync`, { method: 'POST', token: test.tokens.member })
const settled = async (id: number): Promise<Project> => {
  await expect.poll(async () => (await get(id)).sync).toBeNull()
  return get(id)
}

describe('a folder', () => {
  it('is added with what git tells of it, by its real path and its own name', async () => {
    const folder = yard.makeRepository('open/vision')
    yard.write('open/vision/notes.md')
    symlinkSync(folder, join(yard.root, 'open/by-link'))
    const project = await addWell(join(yard.root, 'open/by-link'))
    expect(project).toMatchObject({
      name: 'by-link',
      source: { kind: 'folder', place: folder },
      by: { name: expect.any(String) },
      code: { isGit: true, branch: 'main', untracked: 1, files: [{ path: 'notes.md', state: 'untracked' }] },
      fault: null,
      jobs: { total: 0, running: 0, last: null },
    })
    expect((await list('?name=by-link')).projects).toMatchObject([
      { id: project.id, code: { untracked: 1, files: [] } },
    ])
    expect(await add(folder, 'again')).toMatchObject({ status: 409, json: { error: { field: 'place' } } })
  })

  it('is read again by sync; when it is gone, what was known stays and words say since when', async () => {
    const folder = yard.makeRepository('open/moving')
    const { id, readAt } = await addWell(folder)
    yard.write('open/moving/train.py', 'other')
    expect((await sync(id)).status).toBe(200)
    const dirty = await settled(id)
    expect(dirty).toMatchObject({ code: { changed: 1, files: [{ path: 'train.py', state: 'modified' }] } })
    expect(dirty.readAt).toBeGreaterThanOrEqual(readAt ?? Infinity)
    renameSync(folder, `${folder}-away`)
    await sync(id)
    const gone = await settled(id)
    expect(gone).toMatchObject({
      code: { changed: 1 },
      readAt: dirty.readAt,
      fault: { message: expect.stringContaining('is not there'), hint: expect.any(String) },
    })
    await sync(id)
    const still = await settled(id)
    expect(still.fault?.since).toBe(gone.fault?.since)
    renameSync(`${folder}-away`, folder)
    await sync(id)
    expect((await settled(id)).fault).toBeNull()
  })

  it('without git is one, too', async () => {
    yard.write('open/plain/train.py')
    expect(await addWell(join(yard.root, 'open/plain'))).toMatchObject({ code: { isGit: false, commit: null } })
  })

  it('is refused beside its field where it may not lie, and nothing is told of what is there', async () => {
    yard.makeRepository('closed')
    mkdirSync(join(yard.root, 'open/.ssh'))
    symlinkSync(join(yard.root, 'closed'), join(yard.root, 'open/way-out'))
    const refused: [place: string, words: RegExp][] = [
      ['closed', /this folder does not/],
      ['no-such-folder', /this folder does not/],
      ['open/../closed', /this folder does not/],
      ['open/way-out', /this folder does not/],
      ['open/.ssh', /hidden folder/],
      ['open/no-such-folder', /is not there/],
    ]
    for (const [place, words] of refused) {
      const { status, json } = await add(join(yard.root, place))
      const { error } = json as ErrorBody // what every failure answers with
      expect([status, error.field, error.message]).toEqual([400, 'place', expect.stringMatching(words)])
    }
    expect((await add(`file://${yard.root}/closed`)).status).toBe(400)
  })

  it('that became a link to elsewhere is not followed', async () => {
    const folder = yard.makeRepository('open/swapped')
    const { id } = await addWell(folder)
    renameSync(folder, `${folder}-away`)
    symlinkSync(join(yard.root, 'closed'), folder)
    await sync(id)
    expect((await settled(id)).fault?.message).toMatch(/this folder does not/)
  })
})

describe('a repository', () => {
  it('is fetched in the background, and again by sync', async () => {
    const source = yard.makeRepository('open/source')
    const added = await addWell(`file://${source}`, 'fetched')
    expect(added).toMatchObject({ code: null, sync: { words: expect.any(String) } })
    expect(await settled(added.id)).toMatchObject({ fault: null, code: { branch: 'main', commit: { author: 'Ada' } } })
    yard.git(source, 'commit', '--quiet', '--allow-empty', '-m', 'Further')
    await sync(added.id)
    await expect.poll(async () => (await get(added.id)).code?.commit?.subject).toBe('Further')
    await settled(added.id)
    renameSync(source, `${source}-away`)
    await sync(added.id)
    expect(await settled(added.id)).toMatchObject({
      code: { commit: { subject: 'Further' } },
      fault: { message: expect.stringContaining('is not there') },
    })
  })

  it('that cannot be reached says why, and leaves nothing', async () => {
    const { id } = await addWell('https://no-such-host.invalid/team/repo.git')
    expect(await settled(id)).toMatchObject({
      name: 'repo',
      code: null,
      fault: { message: expect.stringContaining('no address') },
    })
    expect(readdirSync(join(test.server.dataFolder, 'projects'))).not.toContain(`${id}.git`)
  })

  it.each(['ext::sh -c touch% x', '--upload-pack=x', 'https://me:hunter2@host/repo', 'ssh://-oProxyCommand=x/repo'])(
    '«%s» is refused beside its field, without repeating a password',
    async (place) => {
      const { status, text, json } = await add(place)
      expect([status, (json as ErrorBody).error.field]).toEqual([400, 'place']) // what every failure answers with
      expect(text).not.toContain('hunter2')
    },
  )
})

it('the list has names that only jobs know, counts jobs that are not archived, and begins with the newest', async () => {
  const put = (uid: string, project: string) =>
    test.ask(`/api/jobs/${uid}`, { method: 'PUT', token: test.tokens.admin, body: { project, name: uid } })
  const { id } = await addWell(yard.makeRepository('open/with-jobs'))
  for (const uid of ['jobs-0001', 'jobs-0002', 'jobs-0003']) await put(uid, 'with-jobs')
  await put('jobs-0004', 'only/jobs')
  await test.ask('/api/jobs/edit', {
    method: 'POST',
    token: test.tokens.admin,
    body: { uids: ['jobs-0001'], archived: true },
  })
  const { projects, total, roots } = await list()
  expect([total, roots]).toEqual([projects.length, undefined])
  expect(projects.slice(0, 2)).toMatchObject([
    { id: null, name: 'only/jobs', source: null, code: null, jobs: { total: 1, last: { uid: 'jobs-0004' } } },
    { id, name: 'with-jobs', jobs: { total: 2, last: { uid: 'jobs-0003' } } },
  ])
  expect((await list(`?name=${encodeURIComponent('only/jobs')}`)).projects).toMatchObject([{ name: 'only/jobs' }])
  expect((await list('', test.tokens.admin)).roots).toEqual([join(yard.root, 'open')])
})

it('one with the name of another is refused; deleted it is forgotten with what was fetched, and its jobs stay', async () => {
  const { id } = await addWell(`file://${yard.makeRepository('open/leaving')}`)
  await settled(id)
  expect(await add('https://host.invalid/leaving')).toMatchObject({ status: 409, json: { error: { field: 'name' } } })
  await test.ask('/api/jobs/leaving-0001', { method: 'PUT', token: test.tokens.admin, body: { project: 'leaving' } })
  expect(readdirSync(join(test.server.dataFolder, 'projects'))).toContain(`${id}.git`)
  const remove = () => test.ask(`/api/projects/${id}`, { method: 'DELETE', token: test.tokens.admin })
  expect([(await remove()).status, (await remove()).status, (await sync(id)).status]).toEqual([204, 404, 404])
  expect(readdirSync(join(test.server.dataFolder, 'projects'))).not.toContain(`${id}.git`)
  expect((await list('?name=leaving')).projects).toMatchObject([{ id: null, jobs: { total: 1 } }])
})

it('a token of one job sees no project', async () => {
  expect((await test.ask('/api/projects', { token: test.tokens.reporter })).status).toBe(403)
  expect((await add(join(yard.root, 'open/vision'), 'x', test.tokens.member)).status).toBe(403)
})

it('one that is being fetched, or waits for its turn, is deleted at once, and the next one begins', async () => {
  const held = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(held, 'listening')
  const address = held.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const asked = once(held, 'connection')
  const ids: number[] = []
  for (const name of ['held-1', 'held-2', 'held-3', 'held-4'])
    ids.push((await addWell(`https://127.0.0.1:${port}/${name}`)).id)
  await asked
  const words = async () => Promise.all(ids.map(async (id) => (await get(id)).sync?.words ?? 'gone'))
  await expect.poll(words).toEqual(['asking', 'asking', 'waiting', 'waiting'])
  const remove = (id = 0) => test.ask(`/api/projects/${id}`, { method: 'DELETE', token: test.tokens.admin })
  expect((await remove(ids[2])).status).toBe(204)
  expect((await remove(ids[0])).status).toBe(204)
  await expect.poll(words).toEqual(['gone', 'asking', 'gone', 'asking'])
  await Promise.all([remove(ids[1]), remove(ids[3])])
  held.close()
})

it('a fetch that a stop has broken off is begun again by the next start, and leftovers are cleared away', async () => {
  const held = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(held, 'listening')
  const address = held.address()
  const place = `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/repo`
  const dataFolder = join(yard.root, 'data')
  const settings = { gitEnvironment: yard.environment, dataFolder }
  const first = await startTestServer(settings)
  const asked = once(held, 'connection')
  await first.ask('/api/projects', { method: 'POST', token: first.tokens.admin, body: { place } })
  await asked
  await first.close()
  mkdirSync(join(dataFolder, 'projects/999.git'))
  const askedAgain = once(held, 'connection')
  const second = await startTestServer(settings)
  await askedAgain
  expect(readdirSync(join(dataFolder, 'projects'))).not.toContain('999.git')
  const { json } = await second.ask('/api/projects', { token: second.tokens.admin })
  expect(json).toMatchObject({ projects: [{ name: 'repo', code: null, fault: null, sync: { words: 'asking' } }] })
  await second.close()
  held.close()
})

describe('folders that projects may lie in', () => {
  const read = (environment: Record<string, string>) =>
    readConfig(
      { PILOTHOUSE_DATA: '/data', PATH: '/bin', PILOTHOUSE_SMTP_URL: 'smtp://me:hunter2@mail', ...environment },
      '0',
    )

  it('are those that are named, else the home folder where nobody else comes, else none', () => {
    expect(listRoots(read({}), '/home/me')).toEqual(['/home/me'])
    expect(listRoots(read({ PILOTHOUSE_HOST: '0.0.0.0' }), '/home/me')).toEqual([])
    expect(listRoots(read({ PILOTHOUSE_ALLOW_HOSTS: 'lab' }), '/home/me')).toEqual([])
    expect(listRoots(read({ PILOTHOUSE_PUBLIC_URL: 'https://lab' }), '/home/me')).toEqual([])
    expect(listRoots(read({ PILOTHOUSE_PROJECT_ROOTS: '/a:/b/' }), '/home/me')).toEqual(['/a', '/b'])
    expect(listRoots(read({ PILOTHOUSE_PROJECT_ROOTS: 'none' }), '/home/me')).toEqual([])
    expect(() => read({ PILOTHOUSE_PROJECT_ROOTS: 'src' })).toThrow(/src/)
  })

  it('are read by a git that is given nothing secret', () => {
    expect(read({ PILOTHOUSE_TOKEN: 'x', AWS_SECRET_ACCESS_KEY: 'x' }).gitEnvironment).toEqual({ PATH: '/bin' })
  })
})
