import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileList, FileObject } from '@pilothouse/contract'
import { afterEach, expect, it } from 'vitest'
import { ControlRoom } from '../../../../lab/chaos/control-room.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { makeTestDatabase } from '../storage/test-database.ts'
import { batchOf, keepFile } from './files.fixture.ts'
import { streamForm } from './stream-form.fixture.ts'

const chunk = Buffer.alloc(1024 * 1024, 'one line of a batch, and no more than that\n')

let test: TestServer | undefined
afterEach(async () => {
  await test?.close()
  test = undefined
})

/** Bytes of the one file that is on its way. */
async function measurePart(folder: string): Promise<number> {
  const names = await readdir(join(folder, 'files')).catch((): string[] => [])
  const [part] = names.filter((name) => name.endsWith('.part'))
  return part === undefined ? 0 : (await stat(join(folder, 'files', part))).size
}

it('200 MB come and go through a memory that hardly grows', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-upload-'))
  const room = await ControlRoom.open({ dataFolder })
  const token = await makeToken(room)
  const before = await measurePeak(dataFolder)
  const form = await streamForm(room.url, token)
  const wanted = createHash('sha256')
  for (let sent = 0; sent < 200; sent += 1) {
    wanted.update(chunk)
    await form.send(chunk)
  }
  const { status, json } = await form.finish()
  expect(status).toBe(200)
  const { id, bytes } = json as FileObject // what this route answers with
  expect(bytes).toBe(200 * chunk.length)
  const headers = { authorization: `Bearer ${token}` }
  const { body } = await fetch(`${room.url}/v1/files/${id}/content`, { headers })
  const hash = createHash('sha256')
  const parts: AsyncIterable<Uint8Array> | null = body
  for await (const part of parts ?? []) hash.update(part)
  expect(hash.digest('hex')).toBe(wanted.digest('hex'))
  expect((await measurePeak(dataFolder)) - before).toBeLessThan(100)
  await room.close()
  await rm(dataFolder, { recursive: true })
})

/** Of the memory of the server, MB. */
async function measurePeak(dataFolder: string): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(dataFolder, 'server.json'), 'utf8')) as { pid: number } // what it writes
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

it('a client that goes away in the middle of it leaves nothing, and nobody else is disturbed', async () => {
  test = await startTestServer()
  const { dataFolder, url } = test.server
  const form = await streamForm(url, test.tokens.member)
  await form.send(chunk)
  await expect.poll(() => measurePart(dataFolder)).toBeGreaterThan(0)
  form.hangUp()
  await expect.poll(() => readdir(join(dataFolder, 'files'))).toEqual([])
  const next = await streamForm(url, test.tokens.member)
  await next.send(chunk)
  expect((await next.finish()).status).toBe(200)
})

it('a client that stops sending is not waited for', async () => {
  test = await startTestServer({}, { uploadIdleMs: 200 })
  const { dataFolder, url } = test.server
  const form = await streamForm(url, test.tokens.member)
  await form.send(chunk)
  await expect(form.answer).rejects.toThrow('socket hang up')
  await expect.poll(() => readdir(join(dataFolder, 'files'))).toEqual([])
})

it('a form that says how long it is may be longer than other bodies', async () => {
  test = await startTestServer()
  expect(await keepFile(test, batchOf('x'.repeat(3_000_000)))).toMatchObject({ bytes: 3_000_000 })
})

it('a form that says that it is too long is refused before it comes', async () => {
  test = await startTestServer()
  const form = await streamForm(test.server.url, test.tokens.member, 10 * 1024 ** 3)
  expect(await form.answer).toMatchObject({ status: 413, json: { error: { param: 'file' } } })
  form.hangUp()
})

it('a server that is stopped in the middle of it leaves nothing', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-upload-'))
  const { server, tokens } = await startTestServer({ dataFolder })
  const form = await streamForm(server.url, tokens.member)
  await form.send(chunk)
  await expect.poll(() => measurePart(dataFolder)).toBeGreaterThan(0)
  await server.close()
  expect(await readdir(join(dataFolder, 'files'))).toEqual([])
  await rm(dataFolder, { recursive: true })
})

it('a server that is killed in the middle of it has what was acknowledged, and nothing of the rest', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-upload-'))
  const database = await makeTestDatabase()
  const room = await ControlRoom.open({ dataFolder, databaseUrl: database.url })
  const token = await makeToken(room)
  const whole = await streamForm(room.url, token)
  await whole.send(chunk)
  const { id } = (await whole.finish()).json as FileObject // what this route answers with
  const form = await streamForm(room.url, token)
  await form.send(chunk)
  await expect.poll(() => measurePart(dataFolder)).toBeGreaterThan(0)
  await room.kill()
  await room.start()
  await expect.poll(() => readdir(join(dataFolder, 'files'))).toEqual([id])
  const { data } = JSON.parse(await room.ask('/v1/files')) as FileList // what this route answers with
  expect(data).toMatchObject([{ id, bytes: chunk.length }])
  expect((await room.ask(`/v1/files/${id}/content`)).length).toBe(chunk.length)
  await room.close()
  await database.remove()
  await rm(dataFolder, { recursive: true })
})

/** The secret of a new token of a member. */
async function makeToken(room: ControlRoom): Promise<string> {
  const answer = JSON.parse(await room.ask('/api/access/tokens', { name: 'sender', role: 'member' }))
  return (answer as { secret: string }).secret // what this route answers with
}
