import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Checkpoint, copyManifest } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { CopyJob, type Content, content, hashOf, manifestOf } from './copies.fixture.ts'

const run = promisify(execFile)
const patient = { timeout: 20_000 }

let test: TestServer
let folder: string
beforeAll(async () => {
  test = await startTestServer({}, { copyLookMs: 200 })
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-copies-'))
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true, force: true })
})

/** What is in the folder of copies, as paths. */
async function listKept(): Promise<string[]> {
  const found = await readdir(join(test.server.dataFolder, 'copies'), { recursive: true, withFileTypes: true }).catch(
    () => [],
  )
  return found.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

async function download(job: CopyJob, { id }: Checkpoint, token = test.tokens.viewer) {
  const response = await fetch(`${test.server.url}/api/jobs/${job.uid}/checkpoints/${id}/copy`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return { response, bytes: Buffer.from(await response.arrayBuffer()) }
}

it('a running job sends a copy in parts, its progress is told, and it appears once it is whole', async () => {
  const job = await CopyJob.start(test, 'sends-1')
  const bytes = content(300_000)
  const files = { 'one.pt': bytes }
  const one = await job.tell('one.pt', manifestOf(files))
  expect(one.copy).toBeNull()
  expect((await job.askCopy(one)).json).toMatchObject({ copy: { state: 'waiting', bytes: 300_000, received: 0 } })
  expect((await job.askCopy(one)).json).toMatchObject({
    error: { code: 'conflict', message: '«one.pt» cannot be copied: it is being copied.' },
  })
  const { commands } = (await job.ask('/commands/next?attempt=1')).json as { commands: unknown[] } // what this route answers with
  expect(commands).toMatchObject([
    { kind: 'copy', body: { checkpoint: one.id, name: 'one.pt', sha256: hashOf(bytes) } },
  ])
  expect(await job.say(one, manifestOf(files))).toEqual({ state: 'copying', reason: null, received: [0] })
  expect((await job.part(one, { file: 0, offset: 0 }, bytes.subarray(0, 100_000))).json).toMatchObject({
    received: [100_000],
  })
  // Again, because the answer got lost; and one that leaves a gap: neither is written.
  expect((await job.part(one, { file: 0, offset: 0 }, bytes.subarray(0, 100_000))).json).toMatchObject({
    received: [100_000],
  })
  expect((await job.part(one, { file: 0, offset: 200_000 }, bytes.subarray(200_000))).json).toMatchObject({
    received: [100_000],
  })
  expect((await download(job, one)).response.status).toBe(409)
  // Said again, as after a restart, it goes on where it is.
  expect(await job.say(one, manifestOf(files))).toMatchObject({ received: [100_000] })
  expect((await job.checkpoint('one.pt')).copy).toMatchObject({ state: 'copying', received: 100_000 })
  await job.part(one, { file: 0, offset: 100_000 }, bytes.subarray(100_000))
  await expect.poll(async () => (await job.checkpoint('one.pt')).copy?.state, patient).toBe('copied')
  expect(await job.say(one, manifestOf(files))).toEqual({ state: 'copied', reason: null, received: [300_000] })
  const { response, bytes: got } = await download(job, one)
  expect(got.equals(bytes)).toBe(true)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-disposition': `attachment; filename="one.pt"; filename*=UTF-8''one.pt`,
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'content-length': '300000',
  })
  expect((await job.askCopy(one)).status).toBe(409)
  const read = await job.ask(`/checkpoints/${one.id}/copy/manifest`, { token: test.tokens.reporter })
  expect(read.json).toEqual(manifestOf(files))
  expect((await job.ask('/copies', { token: test.tokens.reporter })).json).toEqual({
    copies: [{ id: one.id, name: 'one.pt', uri: '/far/one.pt', sha256: hashOf(bytes) }],
  })
})

it('other bytes than were promised never become a copy', async () => {
  const job = await CopyJob.start(test, 'sends-2')
  const one = await job.tell('one.pt', manifestOf({ 'one.pt': content(1_000) }))
  await job.askCopy(one)
  const other = { 'one.pt': content(1_000) }
  await expect(job.say(one, manifestOf(other))).rejects.toThrow('its checksum is another one')
  const two = await job.tell('two.pt', manifestOf(other))
  await job.askCopy(two)
  await job.send(two, { 'two.pt': content(1_000), 'one.pt': content(1_000) }, manifestOf(other))
  await expect
    .poll(async () => (await job.checkpoint('two.pt')).copy, patient)
    .toMatchObject({
      state: 'failed',
      reason: 'Other bytes of «one.pt» have come than were promised.',
    })
  expect((await listKept()).filter((path) => path.includes('.part/files'))).toEqual([])
  expect((await download(job, two)).response.status).toBe(409)
  // It can be asked for again.
  expect((await job.askCopy(two)).json).toMatchObject({ copy: { state: 'waiting', reason: null } })
  await job.send(two, other)
  await expect.poll(async () => (await job.checkpoint('two.pt')).copy?.state, patient).toBe('copied')
})

it('no name leads out of its copy, and no two files take one place', async () => {
  const paths = [
    '../x',
    '/etc/passwd',
    'a/../../x',
    'a//b',
    './a',
    'a/',
    '..',
    'a\\..\\b',
    'a\0b',
    'a\nb',
    '',
    'x'.repeat(300),
  ]
  for (const path of paths) expect(copyManifest.safeParse(manifestOf({ [path]: content(1) })).success, path).toBe(false)
  const job = await CopyJob.start(test, 'sends-3')
  const files = { a: content(3), 'a/b': content(3) }
  const one = await job.tell('one', manifestOf(files))
  await job.askCopy(one)
  await expect(job.say(one, manifestOf(files))).rejects.toThrow('Two files of the checkpoint have the same place')
  const beyond = await job.tell('two', manifestOf({ two: content(3) }))
  await job.askCopy(beyond)
  expect((await job.part(beyond, { file: 0, offset: 0 }, content(3))).status).toBe(409)
})

it('a folder comes with all its files, and leaves as a tar archive that tar reads', async () => {
  const job = await CopyJob.start(test, 'sends-4')
  const long = `${'deep/'.repeat(30)}weights of the modèle.safetensors`
  const files: Content = {
    'config.json': content(700),
    'empty.bin': content(0),
    [long]: content(70_000),
    'rank/0.distcp': content(512),
  }
  const one = await job.tell('folder', manifestOf(files))
  await job.askCopy(one)
  await job.send(one, files)
  await expect.poll(async () => (await job.checkpoint('folder')).copy?.state, patient).toBe('copied')
  const { response, bytes } = await download(job, one)
  expect(response.headers.get('content-disposition')).toContain('filename="folder.tar"')
  expect(response.headers.get('content-length')).toBe(String(bytes.length))
  const archive = join(folder, 'folder.tar')
  await writeFile(archive, bytes)
  await run('tar', ['-xf', archive, '-C', folder])
  for (const [path, wanted] of Object.entries(files))
    expect((await readFile(join(folder, 'folder', path))).equals(wanted), path).toBe(true)
  const part = await job.ask(`/checkpoints/${one.id}/copy/0?offset=600`, { token: test.tokens.reporter })
  expect(part.headers['content-length']).toBe('100')
})

it('only the job itself, and those who may write it, send and read a copy for it', async () => {
  const job = await CopyJob.start(test, 'sends-5')
  const other = await CopyJob.start(test, 'sends-6')
  const files = { one: content(9) }
  const one = await job.tell('one', manifestOf(files))
  const foreign = await other.tell('one', manifestOf(files))
  await job.askCopy(one)
  const bound = (await test.makeToken({ name: 'bound', role: 'reporter', job: 'sends-6' })).secret
  const question = { method: 'PUT', body: manifestOf(files), token: bound }
  expect((await job.ask(`/checkpoints/${one.id}/copy`, question)).status).toBe(404)
  // Nor by the number of a checkpoint of another job, nor one that nobody has asked for.
  expect((await other.ask(`/checkpoints/${one.id}/copy`, question)).status).toBe(404)
  expect((await other.ask(`/checkpoints/${foreign.id}/copy`, question)).status).toBe(404)
  expect((await job.ask(`/checkpoints/${one.id}/copy`, { method: 'POST', token: test.tokens.viewer })).status).toBe(403)
})

it('what an ended job has written on this machine is copied here, and nothing else', async () => {
  const job = await CopyJob.start(test, 'local-1')
  const file = content(2_000_000)
  const tree: Content = { 'model.safetensors': content(5_000), 'optim/0.bin': content(3_000) }
  const one = await job.write(folder, 'one.pt', { 'one.pt': file })
  const two = await job.write(folder, 'tree', tree)
  await symlink('/etc/passwd', join(folder, 'tree', 'link'))
  const changed = await job.write(folder, 'changed', { changed: content(50) })
  await writeFile(join(folder, 'changed'), content(50))
  const foreign = await job.write(folder, 'foreign', { foreign: content(5) })
  await writeFile(
    join(folder, 'foreign.pilothouse.json'),
    JSON.stringify({ version: 1, uid: 'another', name: 'foreign' }),
  )
  const far = await job.tell('far', manifestOf({ far: content(5) }))
  await job.report({ state: { state: 'completed', at: Date.now() } })
  for (const each of [one, two, changed]) expect((await job.askCopy(each)).status).toBe(200)
  expect((await job.askCopy(far)).json).toMatchObject({
    error: { message: expect.stringContaining('It lies on node7 (/far/far), which is not reached from here.') },
  })
  expect((await job.askCopy(foreign)).status).toBe(409)
  await expect.poll(async () => (await job.checkpoint('tree')).copy?.state, patient).toBe('copied')
  await expect
    .poll(async () => (await job.checkpoint('one.pt')).copy, patient)
    .toMatchObject({ state: 'copied', received: 2_000_000 })
  await expect
    .poll(async () => (await job.checkpoint('changed')).copy, patient)
    .toMatchObject({
      state: 'failed',
      reason: `${join(folder, 'changed')} is not what was written: its checksum is another one.`,
    })
  expect((await download(job, one)).bytes.equals(file)).toBe(true)
  const listing = await writeAndList(join(folder, 'tree.tar'), (await download(job, two)).bytes)
  expect(listing).toEqual(['tree/model.safetensors', 'tree/optim/0.bin'])
})

async function writeAndList(archive: string, bytes: Buffer): Promise<string[]> {
  await writeFile(archive, bytes)
  return (await run('tar', ['-tf', archive])).stdout.trim().split('\n')
}

it('a copy goes with its checkpoint when nobody has undone that, and by itself; rules leave it alone', async () => {
  const job = await CopyJob.start(test, 'goes-1')
  const made: number[] = []
  for (const name of ['first', 'second', 'third', 'fourth']) {
    const files = { [name]: content(10) }
    const one = await job.tell(name, manifestOf(files))
    made.push(one.id)
    if (name === 'fourth') continue
    await job.askCopy(one)
    await job.send(one, files)
    await expect.poll(async () => (await job.checkpoint(name)).copy?.state, patient).toBe('copied')
  }
  const kept = async (name: string) => {
    const { id } = await job.checkpoint(name).catch(() => ({ id: 0 }))
    return id > 0 && (await job.ask(`/checkpoints/${id}/copy`)).status === 200
  }
  const rules = { policy: { last: 1 } }
  const dry = await job.ask('/checkpoint-policy?dryRun=true', { method: 'PUT', body: rules })
  expect(dry.json).toMatchObject({
    decisions: [{ keep: true }, { keep: true, words: ['copied to the control room'] }, { keep: true }, { keep: true }],
  })
  expect((await job.ask('/commands/next?attempt=1')).json).toMatchObject({ pinned: ['first', 'second', 'third'] })
  const [first = 0, second = 0, third = 0] = made
  await job.ask(`/checkpoints/${first}`, { method: 'DELETE' })
  expect(await kept('first')).toBe(true)
  await job.ask(`/checkpoints/${first}/restore`, { method: 'POST' })
  expect((await job.ask(`/checkpoints/${second}/copy`, { method: 'DELETE' })).json).toMatchObject({
    state: 'present',
    copy: null,
  })
  // What a script deletes by itself is missing where it was, and still here.
  await job.report({ steering: { fates: [{ name: 'third', state: 'deleted', at: 0, reason: 'keep=1' }] } })
  expect(await job.checkpoint('third')).toMatchObject({ state: 'missing', copy: { state: 'copied' } })
  expect((await job.ask(`/checkpoints/${third}/rollback`, { method: 'PUT', body: {} })).json).toMatchObject({
    kind: 'rollback',
    body: { copied: true },
  })
  await job.ask(`/checkpoints/${first}?now=true`, { method: 'DELETE' })
  await expect.poll(() => kept('first'), { timeout: 30_000 }).toBe(false)
  expect(await kept('third')).toBe(true)
  await expect
    .poll(
      async () => (await listKept()).filter((path) => path.includes('/files/')).map((path) => path.split('/').at(-1)),
      { timeout: 30_000 },
    )
    .not.toEqual(expect.arrayContaining(['first']))
  // Written anew under its name it is another one.
  await job.tell('third', manifestOf({ third: content(11) }))
  expect((await job.checkpoint('third')).copy).toBeNull()
  await expect
    .poll(async () => (await listKept()).some((path) => path.endsWith('/third')), { timeout: 30_000 })
    .toBe(false)
})

it('what the job could not do is told, and what is over stays as it is', async () => {
  const job = await CopyJob.start(test, 'fails-1')
  const files = { one: content(10) }
  const one = await job.tell('one', manifestOf(files))
  await job.askCopy(one)
  const { commands } = (await job.ask('/commands/next?attempt=1')).json as { commands: { id: number }[] } // what this route answers with
  await job.say(one, manifestOf(files))
  const outcome = {
    id: commands[0]?.id ?? 0,
    state: 'rejected',
    at: Date.now(),
    reason: 'It is reached by its mailbox only.',
  }
  await job.report({ steering: { outcomes: [outcome] } })
  expect((await job.checkpoint('one')).copy).toMatchObject({
    state: 'failed',
    reason: 'It is reached by its mailbox only.',
  })
  expect((await job.part(one, { file: 0, offset: 0 }, content(10))).status).toBe(409)
  await job.askCopy(one)
  await job.report({ state: { state: 'failed', at: Date.now(), error: { type: 'E', message: 'x' } } })
  await expect
    .poll(async () => (await job.checkpoint('one')).copy, patient)
    .toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('The job has ended (failed)'),
    })
})

it('copies of a job that is deleted go with it', async () => {
  const job = await CopyJob.start(test, 'gone-1')
  const files = { unmistakable: content(10) }
  const one = await job.tell('unmistakable', manifestOf(files))
  await job.askCopy(one)
  await job.send(one, files)
  await expect.poll(async () => (await job.checkpoint('unmistakable')).copy?.state, patient).toBe('copied')
  const isKept = async () => (await listKept()).some((path) => path.endsWith('/unmistakable'))
  expect(await isKept()).toBe(true)
  await job.ask('?now=true', { method: 'DELETE' })
  await expect.poll(isKept, { timeout: 30_000 }).toBe(false)
})

it('a folder for copies that is not there is told, and none is made in its place', async () => {
  const missing = join(folder, 'not-mounted')
  const apart = await startTestServer({ copiesFolder: missing })
  try {
    const job = await CopyJob.start(apart, 'apart-1')
    const files = { one: content(10) }
    const one = await job.tell('one', manifestOf(files))
    await job.askCopy(one)
    await expect(job.say(one, manifestOf(files))).rejects.toThrow('is not there')
    await mkdir(missing)
    await job.send(one, files)
    await expect.poll(async () => (await job.checkpoint('one')).copy?.state, patient).toBe('copied')
    expect(await readdir(missing)).toContain('.pilothouse-copies')
  } finally {
    await apart.close()
  }
})
