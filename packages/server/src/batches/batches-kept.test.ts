/** Batches over restarts: what a stop or a kill leaves, other members, and what workers have brought meanwhile. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BatchDetail, BatchList, DeadLetterPage, FileObject, OpenAiBatch } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ControlRoom } from '../../../../lab/chaos/control-room.ts'
import type { StubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import { hashSecret } from '../access/secret.ts'
import type { ServerConfig } from '../config.ts'
import { batchOf, keepFile } from '../files/files.fixture.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { type TestDatabase, askDatabase, makeTestDatabase } from '../storage/test-database.ts'
import { batchPaths } from './batch-folder.ts'
import {
  addStub,
  chat,
  create,
  getBatch,
  inputOf,
  keepBatch,
  lineOf,
  startSilentEngine,
  submit,
  waitUntilChecked,
} from './batches.fixture.ts'

let folder: string
let database: TestDatabase
let stub: StubEngine
let test: TestServer | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-batches-'))
  database = await makeTestDatabase()
  stub = await startSilentEngine()
})
afterEach(async () => {
  await stop()
  await stub.close()
  await database.remove()
  await rm(folder, { recursive: true })
})

async function start(settings: Partial<ServerConfig> = {}): Promise<TestServer> {
  test = await startTestServer({ dataFolder: folder, databaseUrl: database.url ?? null, ...settings })
  return test
}

async function stop(): Promise<void> {
  await test?.close()
  test = undefined
}

/** Of the database of a server that is stopped. */
const change = (text: string) => askDatabase({ folder, databaseUrl: database.url }, text)

/** A second member, with the token «ph_second». */
async function addMember(): Promise<void> {
  await change("insert into member (name, role, created_ms) values ('second', 'member', 0)")
  await change(`insert into token (hash, kind, member_id, role, name, created_ms)
    select '${hashSecret('ph_second')}', 'token', id, 'member', 'second', 0 from member where name = 'second'`)
}

it('batches of others are not found, whatever is asked of them, and an admin sees all', async () => {
  const first = await start()
  await addStub(first, stub)
  const { id, input_file_id: fileId } = await keepBatch(first)
  await waitUntilChecked(first, id)
  await stop()
  await addMember()
  const second = await start()
  const token = 'ph_second'
  for (const [path, method, body] of [
    [`/v1/batches/${id}`],
    [`/v1/batches/${id}`, 'DELETE'],
    [`/v1/batches/${id}/cancel`, 'POST'],
    [`/v1/batches/${id}/results`],
    [`/v1/batches/${id}/errors`],
    [`/v1/batches/${id}/logs`],
    [`/api/batches/${id}`],
    [`/api/batches/${id}/log`],
    [`/api/batches/${id}/dead-letters`],
    [`/api/batches/${id}/retry`, 'POST', {}],
    ['/api/batches/check', 'POST', { inputFileId: fileId, endpoint: chat }],
  ] as const) {
    const answer = await second.ask(path, { method: method ?? 'GET', token, ...(body ? { body } : {}) })
    expect([path, answer.status]).toEqual([path, 404])
  }
  expect((await create(second, { token, body: { input_file_id: fileId } })).status).toBe(404)
  expect((await second.ask('/v1/batches', { token })).json).toMatchObject({ data: [], first_id: null })
  expect((await second.ask('/api/batches', { token })).json).toMatchObject({ batches: [], groupCounts: { active: 0 } })
  expect((await second.ask('/api/batches/usage', { token })).json).toMatchObject({ rows: [] })
  const own = await keepBatch(second, inputOf(1), { token })
  const list = (await second.ask('/api/batches', { token: second.tokens.admin })).json as BatchList // what it answers with
  expect(list.batches).toMatchObject([{ id: own.id, owner: { name: 'second' } }, { id }])
})

it('an input that was being checked is checked anew, and shards of the time before are dropped', async () => {
  const first = await start()
  await addStub(first, stub)
  const { id } = await keepBatch(first, inputOf(700))
  await waitUntilChecked(first, id)
  const nameless = `batch_${'1'.repeat(32)}`
  await stop()
  await change(`update batch set status = 'validating', total = 0, model = null, in_progress_ms = null`)
  await change(`update batch_shard set epoch = 7 where shard = 0`)
  await change(`update batch_shard set shard = 99 where shard = 2`)
  await rm(batchPaths(folder, id).index)
  await mkdir(batchPaths(folder, nameless).folder)
  const second = await start()
  expect(await waitUntilChecked(second, id)).toMatchObject({ status: 'in_progress', request_counts: { total: 700 } })
  await expect.poll(() => readdir(join(folder, 'batches'))).toEqual([id])
  await stop()
  const shards = await change('select shard, first, count, done, epoch, is_done from batch_shard order by shard')
  expect(shards.map((one) => [Number(one['shard']), Number(one['first']), Number(one['count'])])).toEqual([
    [0, 0, 256],
    [1, 256, 256],
    [2, 512, 188],
  ])
  expect(shards[0]).toMatchObject({ done: Buffer.alloc(32).toString('base64') })
  expect(Number(shards[0]?.['epoch'])).toBeLessThan(7)
})

it('a server that is stopped in the middle of a check goes on with it afterwards', async () => {
  const first = await start()
  await addStub(first, stub)
  const { id } = await keepBatch(first, inputOf(30_000))
  await stop()
  expect((await change('select status from batch'))[0]).toMatchObject({ status: 'validating' })
  expect(await waitUntilChecked(await start(), id)).toMatchObject({ request_counts: { total: 30_000 } })
})

it('a server that is killed right after a batch was acknowledged still has it, and checks its input', async () => {
  const room = await ControlRoom.open({ dataFolder: folder, databaseUrl: database.url })
  await room.ask('/api/engines', { name: 'stand-in', baseUrl: stub.url })
  const form = new FormData()
  form.append('purpose', 'batch')
  form.append('file', new Blob([inputOf(30_000)]), 'in.jsonl')
  const authorization = `Bearer ${(await readFile(join(folder, 'admin.token'), 'utf8')).trim()}`
  const sent = await fetch(`${room.url}/v1/files`, { method: 'POST', body: form, headers: { authorization } })
  const { id: fileId } = (await sent.json()) as FileObject // what this route answers with
  const made = await room.ask('/v1/batches', { input_file_id: fileId, endpoint: chat, completion_window: '24h' })
  await room.kill()
  await room.start()
  const { id } = JSON.parse(made) as OpenAiBatch // what this route answers with
  const look = async () => JSON.parse(await room.ask(`/v1/batches/${id}`)) as OpenAiBatch
  await expect.poll(async () => (await look()).status, { timeout: 20_000 }).toBe('in_progress')
  expect(await look()).toMatchObject({ request_counts: { total: 30_000 } })
  await room.close()
})

it('a batch is cancelled while its input is checked or waits for that, and nothing of it goes on', async () => {
  const one = await start()
  await addStub(one, stub)
  const made = await Promise.all(Array.from({ length: 4 }, () => keepBatch(one, inputOf(20_000))))
  for (const { id } of made) {
    const { json, status } = await one.ask(`/v1/batches/${id}/cancel`, { method: 'POST', token: one.tokens.member })
    expect([status, json]).toMatchObject([200, { status: 'cancelled', request_counts: { total: 0 } }])
  }
  const after = await keepBatch(one, inputOf(1))
  await waitUntilChecked(one, after.id)
  for (const { id } of made) expect((await getBatch(one, id)).cancelled_at).toBeGreaterThan(0)
  const { timeline } = (await one.ask(`/api/batches/${made[0]?.id ?? ''}`, { token: one.tokens.member }))
    .json as BatchDetail
  expect(timeline.map(({ status }) => status)).toEqual(['validating', 'cancelling', 'cancelled'])
  expect(await readdir(join(folder, 'batches'))).toEqual([after.id])
  await stop()
  expect(await change(`select * from batch_shard where batch_id <> '${after.id}'`)).toEqual([])
})

it('a member has so many batches at a time, and so many requests wait in all', async () => {
  const one = await start({ batchesActiveMax: 2 })
  await addStub(one, stub)
  const first = await keepBatch(one, inputOf(5))
  await waitUntilChecked(one, first.id)
  await keepBatch(one, inputOf(5))
  const many = await submit(one, inputOf(1))
  expect([many.status, many.headers['x-should-retry'], many.headers['retry-after']]).toEqual([429, 'false', '60'])
  expect(many.json).toMatchObject({ error: { type: 'rate_limit_error' } })
  await stop()
  const two = await start({ batchRequestsWaitingMax: 5 })
  const full = await submit(two, inputOf(1))
  expect([full.status, full.json]).toMatchObject([
    429,
    { error: { message: expect.stringContaining('requests of batches wait') as string } },
  ])
  expect(await readdir(join(folder, 'batches'))).toHaveLength(2)
})

it('an engine that is failing, or paused, takes no batches, and those that wait for it say so', async () => {
  const one = await start()
  await addStub(one, stub)
  const { id } = await keepBatch(one)
  await waitUntilChecked(one, id)
  const token = one.tokens.admin
  await one.ask('/api/engines/1', { method: 'PATCH', token, body: { isPaused: true } })
  const paused = await submit(one, inputOf(1))
  expect([paused.status, paused.text]).toEqual([503, expect.stringContaining('«stand-in» is paused')])
  expect((await one.ask(`/api/batches/${id}`, { token })).json).toMatchObject({
    trouble: 'No engine answers for «stub» now.',
  })
  await stub.stop()
  await one.ask('/api/engines/1', { method: 'PATCH', token, body: { isPaused: false } })
  expect((await submit(one, inputOf(1))).text).toContain('is failing')
  // One that nobody has looked at since the start is looked at first.
  await stub.start()
  await stop()
  expect((await submit(await start(), inputOf(1))).status).toBe(200)
})

/** As a worker leaves it: two answers, two failures, of which the files have a little more than was committed. */
async function leaveResults(id: string): Promise<void> {
  const { output, error } = batchPaths(folder, id)
  await writeFile(output, 'answer one\nanswer two\nnot committed')
  await writeFile(error, 'failure\nfailure\n')
  const done = `completed = 2, failed = 2, input_tokens = 40, output_tokens = 10, cost = 0.5`
  await change(`update batch set ${done}, output_bytes = 22, error_bytes = 16 where id = '${id}'`)
  for (const [line, code] of [
    [2, 'refused'],
    [4, 'timeout'],
  ] as const)
    await change(`insert into dead_letter (batch_id, line, at, custom_id, code, message, status, attempts, took_ms, created_ms)
      values ('${id}', ${line}, ${line - 1}, 'r${line - 1}', '${code}', 'It failed.', 400, 3, 20, 5)`)
}

it('results are told as far as they are committed, in ranges as well, and requests that failed with what was asked', async () => {
  const first = await start()
  await addStub(first, stub)
  const text = [0, 1, 2, 3].map((at) => lineOf(`r${at}`, {}, { seed: at })).join('\n')
  const { id } = await keepBatch(first, text.replace('"seed":1', '"seed":12345678901234567890'))
  await waitUntilChecked(first, id)
  await stop()
  await leaveResults(id)
  const now = Date.now()
  await change(`insert into batch_point (batch_id, at_ms, completed, failed, input_tokens, output_tokens)
    values ('${id}', ${now - 5_000}, 1, 0, 10, 5)`)
  const second = await start()
  const token = second.tokens.member
  const ask = (path: string, headers = {}) => second.ask(path, { token, headers })
  expect((await ask(`/v1/batches/${id}/results`)).text).toBe('answer one\nanswer two\n')
  expect((await ask(`/v1/batches/${id}/errors`)).text).toBe('failure\nfailure\n')
  const part = await ask(`/v1/batches/${id}/results`, { range: 'bytes=7-9' })
  expect([part.status, part.text, part.headers['content-range']]).toEqual([206, 'one', 'bytes 7-9/22'])
  const failed = await ask(`/v1/batches/${id}/errors`, { range: 'bytes=8-' })
  expect([failed.status, failed.text, failed.headers['content-range']]).toEqual([206, 'failure\n', 'bytes 8-15/16'])
  const beyond = await ask(`/v1/batches/${id}/errors`, { range: 'bytes=16-' })
  expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */16'])
  const detail = (await ask(`/api/batches/${id}`)).json as BatchDetail // what this route answers with
  expect(detail).toMatchObject({
    counts: { total: 4, completed: 2, failed: 2 },
    cost: 0.5,
    failures: expect.arrayContaining([{ code: 'refused', count: 1 }]) as unknown[],
    history: [{ at: now - 5_000, completed: 1 }],
    outputFileId: null,
  })
  expect(detail.requestsPerSecond).toBeGreaterThan(0)
  const letters = (await ask(`/api/batches/${id}/dead-letters?limit=1`)).json as DeadLetterPage
  expect(letters).toMatchObject({ letters: [{ line: 2, customId: 'r1', code: 'refused', status: 400 }], hasMore: true })
  expect(letters.letters[0]?.body).toContain('"seed":12345678901234567890')
  const rest = (await ask(`/api/batches/${id}/dead-letters?after=2&code=timeout`)).json as DeadLetterPage
  expect([rest.letters.map(({ line }) => line), rest.hasMore]).toEqual([[4], false])
  expect((await ask('/api/batches/usage')).json).toMatchObject({
    rows: [{ total: 4, completed: 2, cost: 0.5 }],
    currency: 'USD',
  })
})

it('failed requests are sent again in a batch of their own, as they were or changed', async () => {
  const first = await start()
  await addStub(first, stub)
  const text = [0, 1, 2, 3].map((at) => lineOf(`r${at}`, {}, { model: 'other', seed: at })).join('\n')
  const { id } = await keepBatch(first, text.replace('"seed":1', '"seed":1.0'), { body: { model: 'stub' } })
  await waitUntilChecked(first, id)
  await stop()
  await leaveResults(id)
  const second = await start()
  const token = second.tokens.member
  const retry = (body: unknown) => second.ask(`/api/batches/${id}/retry`, { method: 'POST', token, body })
  for (const [body, field] of [
    [{ lines: [2, 3] }, 'lines'],
    [{ lines: [2], edits: [{ line: 4, body: '{}' }] }, 'edits[0].line'],
    [{ edits: [{ line: 4, body: '[]' }] }, 'edits[0].body'],
    [{ edits: [{ line: 4, body: '{' }] }, 'edits[0].body'],
  ] as const) {
    const answer = await retry(body)
    expect([answer.status, answer.json]).toMatchObject([400, { error: { field } }])
  }
  const listInputs = async () => (await second.ask('/v1/files?purpose=batch', { token })).json
  const before = await listInputs()
  expect((await retry({ model: 'large' })).status).toBe(503)
  expect(await listInputs()).toEqual(before)
  const edited = { line: 4, body: '{"model": "stub",\n "messages": [{"role": "user", "content": "again"}]}' }
  const made = await retry({ edits: [edited] })
  const child = made.json as BatchDetail // what this route answers with, and more
  expect([made.status, child]).toMatchObject([
    200,
    { parentId: id, name: 'requests.retry.jsonl', status: 'validating', counts: { total: 0 } },
  ])
  expect(await waitUntilChecked(second, child.id)).toMatchObject({ status: 'in_progress', model: 'stub' })
  const lines = (await readFile(batchPaths(folder, child.id).input, 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain('"model":"stub"')
  expect(lines[0]).toContain('"seed":1.0')
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ custom_id: 'r3', body: { messages: [{ content: 'again' }] } })
  const parent = (await second.ask(`/api/batches/${id}`, { token })).json as BatchDetail
  expect(parent.children).toEqual([{ id: child.id, status: 'in_progress' }])
  const one = (await retry({ lines: [2] })).json as BatchDetail
  expect(await waitUntilChecked(second, one.id)).toMatchObject({ request_counts: { total: 1 } })
})

it('results of a batch that is over are those of its files', async () => {
  const first = await start()
  await addStub(first, stub)
  const { id } = await keepBatch(first, inputOf(4))
  await waitUntilChecked(first, id)
  const { id: fileId } = await keepFile(first, batchOf('the answers\n'))
  await stop()
  const over = `status = 'completed', ended_ms = ${Date.now()}, output_file_id = '${fileId}', output_bytes = 12`
  await change(`update batch set ${over}, completed = 4 where id = '${id}'`)
  const second = await start()
  const token = second.tokens.member
  expect(await getBatch(second, id)).toMatchObject({ output_file_id: fileId, error_file_id: null })
  expect((await second.ask(`/v1/batches/${id}/results`, { token })).text).toBe('the answers\n')
  expect((await second.ask(`/v1/batches/${id}/errors`, { token })).text).toBe('')
  await second.ask(`/v1/files/${fileId}`, { method: 'DELETE', token })
  const gone = await second.ask(`/v1/batches/${id}/results`, { token })
  expect([gone.status, gone.text]).toEqual([404, expect.stringContaining('is gone')])
})
