import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestStorage, openTestStorage } from '../storage/test-storage.ts'
import { Files } from './files.ts'

let test: TestStorage
let files: Files
let now = 1_000_000
let room = Infinity
beforeEach(async () => {
  test = await openTestStorage()
  room = Infinity
  files = open()
})
afterEach(async () => {
  await files.close()
  await test.close()
})

function open(): Files {
  const { folder: dataFolder, storage } = test
  const logger = pino({ level: 'silent' })
  return new Files({
    dataFolder,
    storage,
    logger,
    now: () => now,
    sweepMs: 20,
    measureRoom: () => Promise.resolve(room),
  })
}

async function* bytesOf(...parts: string[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Promise.resolve(Buffer.from(part))
}

const output = { filename: 'output.jsonl', purpose: 'batch_output' } as const
const listFolder = () => readdir(join(test.folder, 'files'))

it('what the server makes is kept without bounds, empty or not, and read by its path or open', async () => {
  const made = await files.create(test.admin.memberId, output, bytesOf('one\n', 'two\n'))
  expect(made).toMatchObject({ name: 'output.jsonl', purpose: 'batch_output', bytes: 8, expiresMs: null })
  expect(await readFile(files.path(made.id), 'utf8')).toBe('one\ntwo\n')
  const handle = await files.open(made.id)
  expect(await files.remove(made.id)).toBe(true)
  expect(await files.remove(made.id)).toBe(false)
  // Whoever reads it has it to its end.
  expect(await handle.readFile('utf8')).toBe('one\ntwo\n')
  await handle.close()
  await expect(files.open(made.id)).rejects.toMatchObject({ code: 'notFound' })
  const empty = await files.create(test.admin.memberId, output, bytesOf())
  expect(await files.find(empty.id)).toEqual({ ...empty, bytes: 0 })
})

it('a file made under an id that was chosen before is made once', async () => {
  const id = files.makeId()
  const first = await files.create(test.admin.memberId, { ...output, id }, bytesOf('one'))
  expect(first.id).toBe(id)
  expect(await files.create(test.admin.memberId, { ...output, id }, bytesOf('two'))).toEqual(first)
  expect(await readFile(files.path(id), 'utf8')).toBe('one')
})

it('a chosen id whose bytes a kill has left is made anew', async () => {
  const id = files.makeId()
  const staged = await files.stage(bytesOf('half'), { id })
  expect(await listFolder()).toEqual([`${staged.id}.part`])
  const next = open()
  next.start()
  const made = await next.create(test.admin.memberId, { ...output, id }, bytesOf('whole'))
  await next.close()
  expect(await readFile(files.path(made.id), 'utf8')).toBe('whole')
})

it('a source that fails, a full disk and a name that is too long leave nothing', async () => {
  const owner = test.admin.memberId
  async function* failing(): AsyncGenerator<Buffer> {
    yield Promise.resolve(Buffer.from('one'))
    throw new PilothouseError('unavailable', 'It broke.')
  }
  await expect(files.create(owner, output, failing())).rejects.toMatchObject({ code: 'unavailable' })
  await expect(files.create(owner, { ...output, filename: 'x'.repeat(300) }, bytesOf('one'))).rejects.toMatchObject({
    code: 'invalid',
  })
  await expect(files.stage(bytesOf('one', 'two'), { bytesMax: 5 })).rejects.toMatchObject({ code: 'tooLarge' })
  room = 1_000
  await expect(files.create(owner, output, bytesOf('one'))).rejects.toMatchObject({ code: 'diskFull', status: 507 })
  expect(await listFolder()).toEqual([])
})

it('a disk that fills up while a file comes ends it', async () => {
  const part = 'x'.repeat(1024 * 1024)
  let sent = 0
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      sent += 1
      if (sent === 20) room = 0
      yield Promise.resolve(Buffer.from(part))
    }
  }
  await expect(files.create(test.admin.memberId, output, endless())).rejects.toMatchObject({ code: 'diskFull' })
  expect(sent).toBeLessThan(40)
  expect(await listFolder()).toEqual([])
})

it('a file whose time is over is not found at once, and its bytes go by themselves', async () => {
  const owner = test.admin.memberId
  const kept = await files.create(owner, output, bytesOf('kept'))
  const made = await files.create(owner, { ...output, expiresMs: now + 1_000 }, bytesOf('gone'))
  now += 999
  expect(await files.find(made.id)).not.toBeNull()
  now += 1
  expect(await files.find(made.id)).toBeNull()
  expect(await files.remove(made.id)).toBe(false)
  expect(await listFolder()).toContain(made.id)
  files.start()
  await expect.poll(listFolder).toEqual([kept.id])
})

it('no more uploads than allowed are under way at a time', async () => {
  const releases: (() => void)[] = []
  const fill = async () => {
    for (;;) releases.push(await files.admit(1, 10))
  }
  await expect(fill()).rejects.toMatchObject({ code: 'rateLimited', status: 429 })
  expect(releases).toHaveLength(100)
  releases[0]?.()
  await files.admit(1, 10)
})

it('ids of files follow each other, also when the clock does not', () => {
  const ids = [files.makeId(), files.makeId()]
  now -= 500_000
  ids.push(files.makeId())
  expect(ids.toSorted()).toEqual(ids)
})
