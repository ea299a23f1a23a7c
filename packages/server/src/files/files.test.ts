import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileList, FileObject } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashSecret } from '../access/secret.ts'
import { type TestServer, askServer, startTestServer } from '../http/test-server.ts'
import { askDatabase, makeTestDatabase } from '../storage/test-database.ts'
import { type Parts, batchOf, formOf, keepFile, upload } from './files.fixture.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer({ fileBytesMax: 100_000 })
})
afterAll(() => test.close())

const ask = (path: string, method = 'GET') => test.ask(path, { method, token: test.tokens.member })
const listFolder = () => readdir(join(test.server.dataFolder, 'files')).catch((): string[] => [])
const jsonl = '{"custom_id":"a"}\n'.repeat(100)

async function list(query = ''): Promise<FileList> {
  const { status, json, text } = await ask(`/v1/files${query}`)
  expect(status, text).toBe(200)
  return json as FileList // what this route answers with
}

describe('an upload', () => {
  it('is kept whether its purpose comes before the file or behind it, and is given back as it was', async () => {
    const python = batchOf(jsonl, 'in.jsonl')
    for (const parts of [python, python.toReversed()]) {
      const file = await keepFile(test, parts)
      const seconds = Math.floor(Date.now() / 1000)
      expect(file).toEqual({
        id: expect.stringMatching(/^file-[0-9a-f]{32}$/) as string,
        object: 'file',
        bytes: jsonl.length,
        created_at: file.created_at,
        expires_at: null,
        filename: 'in.jsonl',
        purpose: 'batch',
        status: 'processed',
        status_details: null,
      })
      expect(Math.abs(file.created_at - seconds)).toBeLessThan(5)
      expect((await ask(`/v1/files/${file.id}`)).json).toEqual(file)
      const { text, headers } = await ask(`/v1/files/${file.id}/content`)
      expect(text).toBe(jsonl)
      expect(headers).toMatchObject({
        'content-type': 'application/jsonl',
        'content-length': String(jsonl.length),
        'content-disposition': `attachment; filename="in.jsonl"; filename*=UTF-8''in.jsonl`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      })
    }
  })

  it('ends when it is told to', async () => {
    const parts: Parts = [...batchOf('{}'), ['expires_after[anchor]', 'created_at'], ['expires_after[seconds]', '3600']]
    const { created_at, expires_at } = await keepFile(test, parts)
    expect(Math.abs((expires_at ?? 0) - created_at - 3600)).toBeLessThanOrEqual(1)
  })

  it.each<[string, Parts, string]>([
    ['without a file', [['purpose', 'batch']], 'file'],
    ['without a purpose', [['file', new Blob(['{}'])]], 'purpose'],
    ['with two files', [...batchOf('{}'), ['file', new Blob(['{}'])]], 'file'],
    ['with an unknown purpose before the file', [['purpose', 'fun'], ...batchOf('{}').slice(1)], 'purpose'],
    ['with an unknown purpose behind the file', [...batchOf('{}').slice(1), ['purpose', 'fun']], 'purpose'],
    ['for what only the server makes', [['purpose', 'batch_output'], ...batchOf('{}').slice(1)], 'purpose'],
    ['with an empty file', batchOf(''), 'file'],
    [
      'with the file in another field',
      [
        ['purpose', 'batch'],
        ['document', new Blob(['{}'])],
      ],
      'file',
    ],
    [
      'with a file that is a text',
      [
        ['purpose', 'batch'],
        ['file', '{}'],
      ],
      'file',
    ],
    ['with a name that is too long', batchOf('{}', 'x'.repeat(300)), 'file'],
    ['with a purpose that is too long', [['purpose', 'x'.repeat(20_000)], ...batchOf('{}').slice(1)], 'purpose'],
    ['with an end but no anchor', [...batchOf('{}'), ['expires_after[seconds]', '3600']], 'expires_after[anchor]'],
    [
      'with an end that is too near',
      [...batchOf('{}'), ['expires_after[anchor]', 'created_at'], ['expires_after[seconds]', '5']],
      'expires_after[seconds]',
    ],
  ])('%s is refused with the field at fault, and leaves nothing', async (_, parts, param) => {
    const before = await listFolder()
    const { status, json } = await upload(test, parts)
    expect({ status, json }).toMatchObject({
      status: 400,
      json: { error: { type: 'invalid_request_error', code: 'invalid', param } },
    })
    expect(await listFolder()).toEqual(before)
  })

  it('is refused when it is no form, or ends too early', async () => {
    const before = await listFolder()
    const json = { method: 'POST', token: test.tokens.member, body: { purpose: 'batch' } }
    expect((await test.ask('/v1/files', json)).status).toBe(415)
    const form = await formOf(batchOf(jsonl))
    const cut = { ...form, body: (form.body as Buffer).subarray(0, 300), token: test.tokens.member }
    expect(await test.ask('/v1/files', cut)).toMatchObject({ status: 400, json: { error: { code: 'malformed' } } })
    const type = { ...form, headers: { 'content-type': 'multipart/form-data' }, token: test.tokens.member }
    expect(await test.ask('/v1/files', type)).toMatchObject({ status: 400, json: { error: { code: 'malformed' } } })
    expect((await test.ask('/v1/files', { method: 'POST', token: test.tokens.member })).status).toBe(400)
    expect(await listFolder()).toEqual(before)
  })

  it('is refused above its bound, whether its length is told or not', async () => {
    const before = await listFolder()
    const large = batchOf('x'.repeat(100_001))
    expect(await upload(test, large)).toMatchObject({
      status: 413,
      json: {
        error: { param: 'file', type: 'invalid_request_error', message: expect.stringContaining('100000') as string },
      },
    })
    const { headers: encoded = {}, body } = await formOf(batchOf('x'.repeat(1_000_000)))
    const headers = { ...encoded, authorization: `Bearer ${test.tokens.member}` }
    const parts = new Blob([body as Buffer]).stream()
    const sent = await fetch(`${test.server.url}/v1/files`, { method: 'POST', headers, body: parts, duplex: 'half' })
    expect(sent.status).toBe(413)
    expect(await listFolder()).toEqual(before)
    expect((await upload(test, batchOf('x'.repeat(100_000)))).status).toBe(200)
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/', 'upload'],
    ['..', 'upload'],
    ['a\u202Egpj.jsonl', 'agpj.jsonl'],
    ['Anfragen für «alle».jsonl', 'Anfragen für «alle».jsonl'],
    ['with "quotes".jsonl', 'with "quotes".jsonl'],
  ])('named %j shows as %j, and its name never reaches the disk', async (sent, shown) => {
    const file = await keepFile(test, batchOf('{}', sent))
    expect(file.filename).toBe(shown)
    expect((await ask(`/v1/files/${file.id}/content`)).text).toBe('{}')
    expect(await listFolder()).toContain(file.id)
    for (const name of await listFolder()) expect(name).toMatch(/^file-[0-9a-f]{32}$/)
  })
})

describe('a file', () => {
  it('can be read in ranges', async () => {
    const { id } = await keepFile(test, batchOf('0123456789'))
    const read = (range: string) =>
      test.ask(`/v1/files/${id}/content`, { token: test.tokens.member, headers: { range } })
    expect(await read('bytes=2-4')).toMatchObject({ status: 206, text: '234' })
    expect(await read('bytes=-3')).toMatchObject({ status: 206, text: '789' })
    expect((await read('bytes=7-')).headers['content-range']).toBe('bytes 7-9/10')
    expect((await read('bytes=10-')).status).toBe(416)
    expect(await ask(`/v1/files/${id}/content`, 'HEAD')).toMatchObject({ status: 200, text: '' })
  })

  it('is gone once it is deleted, from the disk as well', async () => {
    const { id } = await keepFile(test)
    expect((await ask(`/v1/files/${id}`, 'DELETE')).json).toEqual({ id, object: 'file', deleted: true })
    expect(await listFolder()).not.toContain(id)
    for (const [path, method] of [[id], [id, 'DELETE'], [`${id}/content`]] as const)
      expect(await ask(`/v1/files/${path}`, method)).toMatchObject({
        status: 404,
        json: { error: { type: 'not_found_error', code: 'notFound', param: 'id' } },
      })
  })

  it('is not found by what is no id', async () => {
    for (const id of ['file-abc', '..%2f..%2fadmin.token', 'file-%00', `file-${'0'.repeat(32)}`])
      expect((await ask(`/v1/files/${id}/content`)).status).toBe(404)
  })

  it('whose bytes are missing says so', async () => {
    const { id } = await keepFile(test)
    await rm(join(test.server.dataFolder, 'files', id))
    expect(await ask(`/v1/files/${id}/content`)).toMatchObject({
      status: 404,
      json: { error: { message: expect.stringContaining('not where they were put') as string } },
    })
    expect((await ask(`/v1/files/${id}`, 'DELETE')).status).toBe(200)
  })
})

describe('a list of files', () => {
  it('is walked page by page, both ways, by purpose, and while it is emptied', async () => {
    for (const { id } of (await list()).data) await ask(`/v1/files/${id}`, 'DELETE')
    expect(await list()).toEqual({ object: 'list', data: [], has_more: false, first_id: null, last_id: null })
    const made: FileObject[] = []
    for (const number of [1, 2, 3, 4, 5]) made.push(await keepFile(test, batchOf('{}', `${number}.jsonl`)))
    const other = await keepFile(test, [
      ['purpose', 'vision'],
      ['file', new Blob(['png']), 'a.png'],
    ])
    const newest = [...made, other].toReversed()
    expect(await list()).toEqual({
      object: 'list',
      data: newest,
      has_more: false,
      first_id: other.id,
      last_id: made[0]?.id,
    })
    expect((await list('?order=asc&limit=2')).data).toEqual(made.slice(0, 2))
    expect((await list('?purpose=vision')).data).toEqual([other])
    expect((await list('?purpose=unheard-of')).data).toEqual([])
    const walked: string[] = []
    for (
      let page = await list('?purpose=batch&limit=2');
      ;
      page = await list(`?purpose=batch&limit=2&after=${page.last_id ?? ''}`)
    ) {
      walked.push(...page.data.map(({ id }) => id))
      for (const { id } of page.data) await ask(`/v1/files/${id}`, 'DELETE')
      if (!page.has_more) break
    }
    expect(walked).toEqual(made.map(({ id }) => id).toReversed())
    expect((await list()).data).toEqual([other])
  })

  it.each(['limit=0', 'limit=10001', 'order=up', 'after=file-1'])('is refused with %s', async (query) => {
    const { status, json } = await ask(`/v1/files?${query}`)
    expect({ status, json }).toMatchObject({ status: 400, json: { error: { param: query.split('=')[0] } } })
  })
})

describe('errors below /v1', () => {
  it('have the shape that clients of OpenAI read, also where there is no such route', async () => {
    const html = { headers: { accept: 'text/html' } }
    expect(await test.ask('/v1/nothing', html)).toMatchObject({
      status: 404,
      json: {
        error: { type: 'not_found_error', param: null, message: expect.stringContaining('/v1/nothing') as string },
      },
    })
    expect(await test.ask('/v1/files')).toMatchObject({
      status: 401,
      json: { error: { type: 'authentication_error', param: null, code: 'unauthenticated' } },
    })
    expect(await test.ask('/v1/files', { token: test.tokens.viewer })).toMatchObject({
      status: 403,
      json: { error: { type: 'permission_error', code: 'forbidden' } },
    })
  })
})

it('files of other members are not found, admins see all, and each member has so many', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-files-'))
  const database = await makeTestDatabase()
  const settings = { dataFolder: folder, databaseUrl: database.url ?? null, filesMax: 2 }
  const first = await startTestServer(settings)
  const file = await keepFile(first)
  const lost = await keepFile(first)
  await first.close()
  await askDatabase(
    { folder, databaseUrl: database.url },
    "insert into member (name, role, created_ms) values ('second', 'member', 0)",
  )
  await askDatabase(
    { folder, databaseUrl: database.url },
    `insert into token (hash, kind, member_id, role, name, created_ms)
      select '${hashSecret('ph_second')}', 'token', id, 'member', 'second', 0 from member where name = 'second'`,
  )
  // As a kill leaves it: half of an upload, a file that was not named yet; and a row whose file a backup lacks.
  const half = `file-${'1'.repeat(32)}.part`
  const nameless = `file-${'2'.repeat(32)}`
  for (const name of [half, nameless, 'not-ours.txt']) await writeFile(join(folder, 'files', name), 'x')
  await rm(join(folder, 'files', lost.id))

  const second = await startTestServer(settings)
  const askAs = (path: string, token: string, method = 'GET') => askServer(second.server.port, path, { token, method })
  await expect.poll(() => readdir(join(folder, 'files'))).toEqual([file.id, 'not-ours.txt'].toSorted())
  for (const [path, method] of [[file.id], [`${file.id}/content`], [file.id, 'DELETE']] as const)
    expect((await askAs(`/v1/files/${path}`, 'ph_second', method)).status).toBe(404)
  expect((await askAs('/v1/files', 'ph_second')).json).toMatchObject({ data: [] })
  const own = await keepFile(second, batchOf('{}'), 'ph_second')
  expect((await askAs('/v1/files', 'ph_second')).json).toMatchObject({ data: [own] })
  expect((await askAs('/v1/files', second.tokens.member)).json).toMatchObject({ data: [lost, file] })
  expect((await askAs('/v1/files', second.tokens.admin)).json).toMatchObject({ data: [own, lost, file] })
  expect((await askAs(`/v1/files/${lost.id}/content`, second.tokens.member)).status).toBe(404)

  const refused = await upload(second, batchOf('{}'))
  expect(refused).toMatchObject({ status: 409, json: { error: { type: 'invalid_request_error', code: 'conflict' } } })
  expect(refused.headers['x-should-retry']).toBe('false')
  expect((await askAs(`/v1/files/${own.id}`, second.tokens.admin, 'DELETE')).status).toBe(200)
  await second.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
