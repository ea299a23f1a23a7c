import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatasetList } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'

const lines = '{"custom_id":"a"}\n{"custom_id":"b"}\n'
let folder: string
let server: TestServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-datasets-'))
  mkdirSync(join(folder, 'kept', 'gemma'), { recursive: true })
  writeFileSync(join(folder, 'kept', 'gemma', 'old.jsonl'), lines)
  writeFileSync(join(folder, 'kept', 'notes.txt'), 'no results')
  writeFileSync(join(folder, 'secret.jsonl'), 'secret')
  symlinkSync(join(folder, 'secret.jsonl'), join(folder, 'kept', 'way-out.jsonl'))
  server = await startTestServer({ resultFolders: [join(folder, 'kept'), join(folder, 'missing')] })
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const read = (id: string, headers = {}) =>
  fetch(`${server.server.url}/api/results?model=${encodeURIComponent(id)}`, {
    headers: { authorization: `Bearer ${server.tokens.member}`, ...headers },
  })

test('files of results in folders that were named are listed, and nothing else', async () => {
  const { json } = await server.ask('/api/discover', { token: server.tokens.member })
  const { datasets, isCut } = json as DatasetList // what this route answers with
  expect(datasets).toEqual([
    {
      id: '0/gemma/old.jsonl',
      name: 'gemma/old.jsonl',
      folder: join(folder, 'kept'),
      bytes: lines.length,
      changedAt: expect.any(Number) as number,
    },
  ])
  expect(isCut).toBe(false)
})

test('their lines are read, whole or in part', async () => {
  expect(await (await read('0/gemma/old.jsonl')).text()).toBe(lines)
  const part = await read('0/gemma/old.jsonl', { range: 'bytes=18-' })
  expect([part.status, await part.text()]).toEqual([206, '{"custom_id":"b"}\n'])
})

test.each([
  '0/../secret.jsonl',
  '0/way-out.jsonl',
  '0/notes.txt',
  '0/gemma',
  '0/nothing.jsonl',
  '1/old.jsonl',
  '7/old.jsonl',
  'old.jsonl',
])('%s is not found', async (id) => {
  expect((await read(id)).status).toBe(404)
})

test('they are for those who may submit batches', async () => {
  const { status } = await server.ask('/api/discover', { token: server.tokens.viewer })
  expect(status).toBe(403)
})
