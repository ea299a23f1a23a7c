import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'

let test: TestServer
let folder: string
let client: OpenAI
beforeAll(async () => {
  test = await startTestServer({ fileBytesMax: 8_000_000 })
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-client-'))
  client = new OpenAI({ baseURL: `${test.server.url}/v1`, apiKey: test.tokens.member })
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true })
})

it('the official client uploads from disk, lists, reads, downloads and deletes', async () => {
  const path = join(folder, 'requests.jsonl')
  const text = '{"custom_id":"request-1","method":"POST","url":"/v1/chat/completions","body":{}}\n'.repeat(50_000)
  await writeFile(path, text)
  const file = await client.files.create({ file: createReadStream(path), purpose: 'batch' })
  expect(file).toMatchObject({ object: 'file', filename: 'requests.jsonl', bytes: text.length, purpose: 'batch' })
  const ending = await client.files.create({
    file: createReadStream(path),
    purpose: 'user_data',
    expires_after: { anchor: 'created_at', seconds: 3600 },
  })
  expect((ending.expires_at ?? 0) - ending.created_at).toBeGreaterThanOrEqual(3600)
  const listed: string[] = []
  for await (const { id } of client.files.list({ limit: 1, order: 'asc' })) listed.push(id)
  expect(listed).toEqual([file.id, ending.id])
  expect(await client.files.retrieve(file.id)).toEqual(file)
  expect(await (await client.files.content(file.id)).text()).toBe(text)
  expect(await client.files.waitForProcessing(file.id)).toMatchObject({ status: 'processed' })
  expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true })
})

it('the official client understands what is refused', async () => {
  const path = join(folder, 'large.jsonl')
  await writeFile(path, 'x'.repeat(8_000_001))
  await expect(client.files.create({ file: createReadStream(path), purpose: 'batch' })).rejects.toMatchObject({
    status: 413,
    param: 'file',
    type: 'invalid_request_error',
  })
  await expect(client.files.retrieve('file-nothing')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  const stranger = new OpenAI({ baseURL: `${test.server.url}/v1`, apiKey: 'unknown' })
  await expect(stranger.files.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  const viewer = new OpenAI({ baseURL: `${test.server.url}/v1`, apiKey: test.tokens.viewer })
  await expect(viewer.files.list()).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError)
})
