/** Batches from their creation to the first request that could be sent, and what is told of them, over HTTP. */
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BatchChecked, type BatchList, type OpenAiBatch, openAiBatch } from '@pilothouse/contract'
import { readIndex } from '@pilothouse/dispatch'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { batchOf, formOf, keepFile } from '../files/files.fixture.ts'
import type { TestServer } from '../http/test-server.ts'
import {
  type BatchWorld,
  chat,
  create,
  getDetail,
  inputOf,
  keepBatch,
  lineOf,
  openBatchWorld,
  submit,
  waitUntilChecked,
} from './batches.fixture.ts'
import { batchPaths } from './batch-folder.ts'

let world: BatchWorld
let test: TestServer
beforeAll(async () => {
  world = await openBatchWorld({ batchRequestsMax: 60_000, batchesActiveMax: 1_000 })
  ;({ test } = world)
})
afterAll(() => world.close())

const containing = (text: string) => expect.stringContaining(text) as string

async function ask(path: string, question: { method?: string; token?: string; body?: unknown } = {}) {
  return test.ask(path, { token: test.tokens.member, ...question })
}

it('a batch has every field of OpenAI’s, and no other, in each state that it comes through here', async () => {
  const shape = openAiBatch.strict()
  const made = shape.parse(await keepBatch(test, inputOf(3), { body: { metadata: { b: '2', a: '1' } } }))
  expect(made).toMatchObject({
    status: 'validating',
    model: null,
    metadata: { a: '1', b: '2' },
    request_counts: { total: 0 },
    errors: null,
    output_file_id: null,
  })
  expect((made.expires_at ?? 0) - made.created_at).toBe(24 * 3600)
  const begun = shape.parse(await waitUntilChecked(test, made.id))
  expect(begun).toMatchObject({
    status: 'in_progress',
    model: 'stub',
    request_counts: { total: 3, completed: 0, failed: 0 },
    in_progress_at: expect.any(Number) as number,
  })
  const failed = shape.parse(await waitUntilChecked(test, (await keepBatch(test, 'no json')).id))
  expect(failed).toMatchObject({ status: 'failed', failed_at: expect.any(Number) as number })
  const cancelling = shape.parse((await ask(`/v1/batches/${begun.id}/cancel`, { method: 'POST' })).json)
  expect(cancelling.cancelling_at).toBeGreaterThan(0)
})

it('an input is indexed, put in order and cut into shards, under a name of its own', async () => {
  const long = Array.from({ length: 600 }, (_, at) => lineOf(`r${at}`, {}, { max_tokens: at + 1 }))
  const { id, input_file_id: fileId } = await keepBatch(test, `\uFEFF${long.join('\r\n')}\r\n\r\n`)
  await waitUntilChecked(test, id)
  const { input, index, order } = batchPaths(test.server.dataFolder, id)
  expect((await stat(input)).ino).toBe((await stat(join(test.server.dataFolder, 'files', fileId))).ino)
  const stored = await readIndex(index)
  expect([stored.count, stored.lineCount]).toEqual([600, 601])
  await stored.close()
  const bytes = await readFile(order)
  const places = Array.from({ length: 600 }, (_, at) => bytes.readUInt32LE(at * 4))
  expect(places.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, at) => at))
  expect(bytes.length).toBe(2_400)
})

const faults: [string, string | Buffer, Record<string, unknown>][] = [
  ['blank lines only', '\n\n', { code: 'empty_batch', line: null }],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from(`${lineOf('a')}\n`), Buffer.of(0x22, 0xff, 0x22)]),
    { line: 2 },
  ],
  ['two requests of one id', `${lineOf('a')}\n${lineOf('a')}`, { code: 'duplicate_custom_id', line: 2 }],
  ['two models', `${lineOf('a')}\n${lineOf('b', {}, { model: 'x' })}`, { code: 'model_mismatch', param: 'body.model' }],
  ['another endpoint', lineOf('a', { url: '/v1/embeddings' }), { code: 'url_mismatch', param: 'url' }],
  ['an answer in parts', lineOf('a', {}, { stream: true }), { code: 'invalid_request', param: 'body.stream' }],
  ['no JSON in line 49,999', inputOf(50_000).replace(lineOf('r49998'), '{"custom_id": '), { line: 49_999 }],
  ['more requests than a batch may have', inputOf(60_001), { code: 'too_many_tasks' }],
]
it.each(faults)('an input with %s fails, and it is said what is wrong in which line', async (_what, text, fault) => {
  const { id } = (await submit(test, text)).json as OpenAiBatch // what this route answers with
  const { status, errors } = await waitUntilChecked(test, id)
  expect([status, errors?.data[0]]).toMatchObject(['failed', fault])
  const detail = await getDetail(test, id)
  expect(detail).toMatchObject({ status: 'failed', faults: { count: 1 } })
  expect(detail.timeline.map((step) => step.status)).toEqual(['validating', 'failed'])
  await expect.poll(() => readdir(join(test.server.dataFolder, 'batches'))).not.toContain(id)
  expect((await ask(`/v1/batches/${id}/logs`)).text).toContain('error The input has a fault')
})

it('what was asked for wrongly is refused at once, with the field', async () => {
  const { id } = await keepFile(test, batchOf(inputOf(1)))
  const data = await keepFile(test, [
    ['purpose', 'user_data'],
    ['file', new Blob(['{}']), 'x.jsonl'],
  ])
  const known = `file-${'0'.repeat(32)}`
  for (const [body, status, param] of [
    [{ input_file_id: 'nothing' }, 400, 'input_file_id'],
    [{ input_file_id: known }, 404, 'input_file_id'],
    [{ input_file_id: data.id }, 400, 'input_file_id'],
    [{ input_file_id: id, endpoint: 'chat' }, 400, 'endpoint'],
    [{ input_file_id: id, completion_window: 'soon' }, 400, 'completion_window'],
    [{ input_file_id: id, priority: 11 }, 400, 'priority'],
    [{ input_file_id: id, metadata: { a: 'x'.repeat(513) } }, 400, 'metadata.a'],
  ] as const) {
    const answer = await create(test, { body })
    expect([body, answer.status, answer.json]).toMatchObject([body, status, { error: { param } }])
  }
  const broken = await ask('/v1/batches', { method: 'POST', body: Buffer.from('{') })
  expect([broken.status, broken.json]).toMatchObject([400, { error: { code: 'malformed' } }])
})

it('no engine that could answer is told at once, and clients are kept from asking again', async () => {
  const unknown = await submit(test, lineOf('a', {}, { model: 'large' }))
  expect([unknown.status, unknown.headers['x-should-retry'], unknown.headers['retry-after']]).toEqual([
    503,
    'false',
    '300',
  ])
  expect(unknown.json).toMatchObject({
    error: { message: containing('No engine has the model «large»'), param: 'model' },
  })
  // The model of the call counts, whatever the lines say.
  expect((await submit(test, lineOf('a', {}, { model: 'large' }), { body: { model: 'stub' } })).status).toBe(200)
})

it('a file may be deleted once there is a batch over it', async () => {
  const { id, input_file_id: fileId } = await keepBatch(test)
  expect((await ask(`/v1/files/${fileId}`, { method: 'DELETE' })).status).toBe(200)
  expect(await waitUntilChecked(test, id)).toMatchObject({ status: 'in_progress', input_file_id: fileId })
  expect((await create(test, { body: { input_file_id: fileId } })).status).toBe(404)
})

it('a call that is repeated with its key makes one batch, another call with it is refused', async () => {
  const headers = { 'idempotency-key': 'once-only' }
  const first = await keepBatch(test, inputOf(2), { headers })
  const body = { input_file_id: first.input_file_id }
  expect((await ask(`/v1/files/${first.input_file_id}`, { method: 'DELETE' })).status).toBe(200)
  expect((await create(test, { headers, body })).json).toMatchObject({ id: first.id })
  const other = await create(test, { headers, body: { ...body, priority: 3 } })
  expect([other.status, other.json, other.headers['x-should-retry']]).toMatchObject([
    409,
    { error: { code: 'conflict', param: 'Idempotency-Key' } },
    'false',
  ])
  expect((await submit(test, inputOf(2), { headers })).json).toMatchObject({ id: first.id })
  expect((await submit(test, inputOf(3), { headers })).status).toBe(409)
  expect((await create(test, { headers: { 'idempotency-key': 'x'.repeat(257) }, body })).status).toBe(400)
})

it('calls with one key that come at the same time make one batch', async () => {
  const { id } = await keepFile(test, batchOf(inputOf(1)))
  const headers = { 'idempotency-key': 'all-at-once' }
  const answers = await Promise.all([1, 2, 3].map(() => create(test, { headers, body: { input_file_id: id } })))
  const ids = answers.map(({ json }) => (json as OpenAiBatch).id) // what this route answers with
  expect(new Set(ids).size).toBe(1)
  await waitUntilChecked(test, ids[0] ?? '')
  const { data } = (await ask('/v1/batches?limit=100')).json as { data: OpenAiBatch[] } // what this route answers with
  expect(data.filter((batch) => batch.input_file_id === id)).toHaveLength(1)
})

it('a form brings its file with it, and its model is asked for instead of what the lines say', async () => {
  const lines = `${lineOf('a', {}, { model: 'x' })}\n${lineOf('b', {}, { model: 'y' })}`
  const parts = [
    ...batchOf(lines).filter(([name]) => name === 'file'),
    ['model', 'stub'],
    ['completion_window', '2h'],
  ] as const
  const form = await formOf(parts)
  const headers = { ...form.headers, 'idempotency-key': 'by-form' }
  const { json, status } = await test.ask('/v1/batches', { ...form, headers, token: test.tokens.member })
  const batch = json as OpenAiBatch // what this route answers with
  expect([status, batch]).toMatchObject([200, { endpoint: chat, completion_window: '2h', model: 'stub' }])
  expect(await waitUntilChecked(test, batch.id)).toMatchObject({ status: 'in_progress', request_counts: { total: 2 } })
  expect((await ask(`/v1/files/${batch.input_file_id}`)).json).toMatchObject({ purpose: 'batch' })
  expect((await ask(`/v1/batches/${batch.id}/logs`)).text).toContain('Every request asks for «stub»')
  const repeated = await test.ask('/v1/batches', { ...form, headers, token: test.tokens.member })
  expect(repeated.json).toMatchObject({ id: batch.id })
  const other = await formOf([...batchOf(`${lines}\n`).filter(([name]) => name === 'file'), ...parts.slice(1)])
  const refused = await test.ask('/v1/batches', {
    ...other,
    headers: { ...other.headers, 'idempotency-key': 'by-form' },
    token: test.tokens.member,
  })
  expect(refused.status).toBe(409)
})

it('a form that is refused leaves no file', async () => {
  const before = await readdir(join(test.server.dataFolder, 'files'))
  for (const [parts, status] of [
    [[['model', 'nothing'], ...batchOf(inputOf(1)).slice(1)], 503],
    [[['endpoint', 'nowhere'], ...batchOf(inputOf(1)).slice(1)], 400],
    [[['model', 'stub']], 400],
    [batchOf('').slice(1), 400],
  ] as const) {
    const answer = await test.ask('/v1/batches', { ...(await formOf(parts)), token: test.tokens.member })
    expect([answer.text, answer.status]).toEqual([answer.text, status])
  }
  expect(await readdir(join(test.server.dataFolder, 'files'))).toEqual(before)
})

it('lists are told in pages, the newest first, and hold what is searched for', async () => {
  const ids: string[] = []
  for (let at = 0; at < 5; at += 1) ids.unshift((await keepBatch(test, inputOf(1))).id)
  await Promise.all(ids.map((id) => waitUntilChecked(test, id)))
  const pages: string[] = []
  let after: string | null = null
  do {
    const path = `/v1/batches?limit=2${after === null ? '' : `&after=${after}`}`
    const page = (await ask(path)).json as { data: OpenAiBatch[]; has_more: boolean; last_id: string | null }
    pages.push(...page.data.map(({ id }) => id))
    after = page.has_more && pages.length < 5 ? page.last_id : null
  } while (after !== null)
  expect(pages.slice(0, 5)).toEqual(ids)
  const list = async (query: string) => (await ask(`/api/batches?${query}`)).json as BatchList
  const active = await list('group=active&limit=3')
  expect(active.batches.map(({ id }) => id)).toEqual(ids.slice(0, 3))
  expect(active.batches[0]).toMatchObject({
    name: 'requests.jsonl',
    model: 'stub',
    counts: { total: 1 },
    trouble: null,
  })
  expect(active.hasMore).toBe(true)
  expect(active.groupCounts.active).toBeGreaterThanOrEqual(5)
  expect((await list(`text=${ids[1]?.slice(8, 30) ?? ''}`)).batches.map(({ id }) => id)).toContain(ids[1])
  expect((await list('text=%25')).batches).toEqual([])
  expect((await list('model=another')).batches).toEqual([])
  expect((await list('group=failed')).batches.every(({ status }) => status !== 'in_progress')).toBe(true)
})

it('an input can be looked at before there is a batch', async () => {
  const lines = [lineOf('a', {}, { max_tokens: 10 }), lineOf('b', {}, { max_tokens: 30 })].join('\n')
  const check = async (text: string, more = {}) => {
    const { id } = await keepFile(test, batchOf(text))
    const body = { inputFileId: id, endpoint: chat, ...more }
    return (await ask('/api/batches/check', { method: 'POST', body })).json as BatchChecked // what this route answers with
  }
  const good = await check(lines)
  expect(good).toMatchObject({
    requests: 2,
    model: 'stub',
    faults: null,
    refusal: null,
    estimate: { outputTokens: 40, cost: null },
  })
  expect(good.estimate?.inputTokens).toBeGreaterThan(0)
  expect(await check(`${lines}\n${lines}`)).toMatchObject({ faults: { count: 2 }, estimate: null })
  expect(await check(lines, { model: 'large' })).toMatchObject({ refusal: containing('«large»') })
  const gone = await ask('/api/batches/check', {
    method: 'POST',
    body: { inputFileId: `file-${'0'.repeat(32)}`, endpoint: chat },
  })
  expect(gone.status).toBe(404)
})

it('results are empty before there are any, and there is nothing to send again', async () => {
  const { id } = await keepBatch(test)
  await waitUntilChecked(test, id)
  for (const kind of ['results', 'errors']) {
    const { status, text, headers } = await ask(`/v1/batches/${id}/${kind}`)
    expect([status, text, headers['content-type']]).toEqual([200, '', containing('application/jsonl')])
  }
  expect((await ask(`/api/batches/${id}/dead-letters`)).json).toEqual({ letters: [], hasMore: false })
  expect((await ask(`/api/batches/${id}/retry`, { method: 'POST', body: {} })).status).toBe(409)
  expect((await ask(`/api/batches/${id}/log`)).json).toMatchObject({
    lines: [
      { n: 1, level: 'info', text: containing('Created over «requests.jsonl»') },
      { n: 2, text: 'The input is in order: 3 requests for «stub».' },
    ],
  })
  expect((await ask(`/api/batches/${id}/log?after=1`)).json).toMatchObject({ lines: [{ n: 2 }] })
})

it('the overview tells of the queue, and usage of members and models', async () => {
  const { json } = await ask('/api/batches/overview')
  expect(json).toMatchObject({ queue: { requestsMax: 10_000_000 }, gpus: [] })
  const usage = (await ask('/api/batches/usage?from=0')).json
  expect(usage).toMatchObject({
    rows: expect.arrayContaining([expect.objectContaining({ model: 'stub' })]) as unknown[],
  })
  expect((await ask('/api/batches/usage?to=1')).json).toEqual({ rows: [], currency: 'USD' })
})

it('members are told the currency of costs, although only admins read the rate card', async () => {
  const { id } = await keepBatch(test)
  const file = await keepFile(test, batchOf(inputOf(1)))
  const price = (currency: string) =>
    test.ask('/api/system/rates', { method: 'PUT', token: test.tokens.admin, body: { currency, rates: [] } })
  await price('EUR')
  const told = { currency: 'EUR' }
  expect((await ask('/api/batches?limit=1')).json).toMatchObject({ batches: [told] })
  expect((await ask(`/api/batches/${id}`)).json).toMatchObject(told)
  expect((await ask('/api/batches/usage')).json).toMatchObject(told)
  const body = { inputFileId: file.id, endpoint: chat }
  expect((await ask('/api/batches/check', { method: 'POST', body })).json).toMatchObject({ estimate: told })
  await price('USD')
})

it('a batch that is over cannot be cancelled', async () => {
  const { id } = await keepBatch(test, 'no json')
  await waitUntilChecked(test, id)
  for (const question of [{ method: 'DELETE' }, { method: 'POST', path: '/cancel' }]) {
    const answer = await ask(`/v1/batches/${id}${question.path ?? ''}`, { method: question.method })
    expect([answer.status, answer.json]).toMatchObject([
      409,
      { error: { message: containing('It is failed already') } },
    ])
  }
})
