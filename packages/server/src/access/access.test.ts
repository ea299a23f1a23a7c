import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { roles, tokenList } from '@pilothouse/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { type TestDatabase, askDatabase, makeTestDatabase } from '../storage/test-database.ts'
import { linkLifetimeMs } from './link-codes.ts'
import { sessionLifetimeMs } from './session-cookie.ts'

let dataFolder: string
let database: TestDatabase
let clockMs: number
let test: TestServer
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-test-'))
  database = await makeTestDatabase()
  clockMs = Date.now()
  test = await start()
})
afterEach(async () => {
  await test.close()
  await database.remove()
  await rm(dataFolder, { recursive: true })
})

const start = () => startTestServer({ dataFolder, databaseUrl: database.url ?? null }, { now: () => clockMs })
const error = (code: string) => ({ error: { code } })

/** Signs in by a new link, as the page does. */
async function signIn(code = test.makeCode()) {
  const headers = { origin: test.server.url }
  const answer = await test.ask('/api/access/sign-in', { method: 'POST', headers, body: { code } })
  const cookie = answer.headers['set-cookie']?.[0]
  return { answer, cookie, value: cookie?.split(';')[0] ?? '' }
}

describe('a one-time link', () => {
  it('becomes a session in a cookie that no script reads and no other site sends', async () => {
    const { answer, cookie, value } = await signIn()
    expect(answer.json).toMatchObject({ role: 'admin', expiresAt: clockMs + sessionLifetimeMs, version: '0.0.0-test' })
    expect(cookie).toMatch(
      new RegExp(`^pilothouse_${test.server.port}=ph_[\\w-]{43}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Strict$`),
    )
    const session = await test.ask('/api/access/session', { headers: { cookie: `other=1; ${value}` } })
    expect(session).toMatchObject({ status: 200, json: answer.json })
  })

  it('works once', async () => {
    const code = test.makeCode()
    expect((await signIn(code)).answer.status).toBe(200)
    const again = (await signIn(code)).answer
    expect(again).toMatchObject({ status: 401, json: error('unauthenticated') })
    expect(again.headers['set-cookie']).toBeUndefined()
  })

  it('expires', async () => {
    const code = test.makeCode()
    clockMs += linkLifetimeMs
    expect((await signIn(code)).answer).toMatchObject({ status: 401, json: error('expired') })
  })

  it('has its code in the fragment', () => {
    expect(test.server.link()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#code=ph_[\w-]{43}$/)
  })

  it('carries the role of who made it', async () => {
    const made = await test.ask('/api/access/links', { method: 'POST', token: test.tokens.admin })
    const { url } = made.json as { url: string } // what this route answers with
    expect((await signIn(url.split('code=')[1])).answer.json).toMatchObject({ role: 'admin' })
  })

  it('carries a lesser role when it is made for one', async () => {
    const made = await test.ask('/api/access/links?role=viewer', { method: 'POST', token: test.tokens.admin })
    const { url } = made.json as { url: string } // what this route answers with
    const { json } = (await signIn(url.split('code=')[1])).answer
    expect(json).toMatchObject({ role: 'viewer', permissions: ['training:view'] })
    const wrong = await test.ask('/api/access/links?role=reporter', { method: 'POST', token: test.tokens.admin })
    expect(wrong.status).toBe(400)
  })

  it('cannot be guessed for long', async () => {
    const answers = []
    for (let at = 0; at < 11; at += 1) answers.push((await signIn('x'.repeat(40))).answer)
    expect(answers.slice(0, 10).every(({ status }) => status === 401)).toBe(true)
    expect(answers[10]).toMatchObject({ status: 429, json: error('rateLimited') })
    expect(answers[10]?.headers['retry-after']).toBe('6')
    clockMs += 6_000
    expect((await signIn()).answer.status).toBe(200)
  })
})

describe('a session', () => {
  it('ends at signing out, and the cookie goes', async () => {
    const { value } = await signIn()
    const headers = { cookie: value, origin: test.server.url }
    const out = await test.ask('/api/access/sign-out', { method: 'POST', headers })
    expect(out.status).toBe(204)
    expect(out.headers['set-cookie']?.[0]).toContain('Max-Age=0')
    expect((await test.ask('/api/jobs', { headers })).json).toMatchObject(error('unauthenticated'))
  })

  it('survives a restart of the server, and expires', async () => {
    const { value } = await signIn()
    await test.server.close()
    test = await start()
    const cookie = `pilothouse_${test.server.port}=${value.split('=')[1] ?? ''}`
    expect((await test.ask('/api/jobs', { headers: { cookie } })).status).toBe(200)
    clockMs += sessionLifetimeMs
    expect((await test.ask('/api/jobs', { headers: { cookie } })).json).toMatchObject(error('expired'))
  })

  it('writes only from its own page', async () => {
    const { value: cookie } = await signIn()
    const put = (headers: Record<string, string>) =>
      test.ask('/api/jobs/cookie-01', { method: 'PUT', headers, body: {} })
    expect((await put({ cookie })).json).toMatchObject(error('wrongOrigin'))
    expect((await put({ cookie, origin: 'http://localhost:1' })).json).toMatchObject(error('wrongOrigin'))
    expect((await put({ cookie, origin: test.server.url })).status).toBe(200)
  })

  it('is no token, and a token is no session', async () => {
    const { value } = await signIn()
    expect((await test.ask('/api/jobs', { token: value.split('=')[1] })).status).toBe(401)
    const cookie = `pilothouse_${test.server.port}=${test.tokens.admin}`
    expect((await test.ask('/api/jobs', { headers: { cookie } })).status).toBe(401)
  })
})

describe('a token', () => {
  it('ends at once when it is revoked, although it was used a moment ago', async () => {
    const { id, secret } = await test.makeToken({ name: 'short', role: 'viewer' })
    expect((await test.ask('/api/jobs', { token: secret })).status).toBe(200)
    expect((await test.ask(`/api/access/tokens/${id}`, { method: 'DELETE', token: test.tokens.admin })).status).toBe(
      204,
    )
    expect(await test.ask('/api/jobs', { token: secret })).toMatchObject({
      status: 401,
      json: error('unauthenticated'),
    })
    expect((await test.ask('/api/access/tokens/999', { method: 'DELETE', token: test.tokens.admin })).status).toBe(404)
  })

  it('expires, although it was used a moment ago', async () => {
    const { secret } = await test.makeToken({ name: 'short', role: 'viewer', lifetimeMs: 1000 })
    expect((await test.ask('/api/jobs', { token: secret })).status).toBe(200)
    clockMs += 1000
    expect(await test.ask('/api/jobs', { token: secret })).toMatchObject({ status: 401, json: error('expired') })
  })

  it('is listed without its secret', async () => {
    const { secret } = await test.makeToken({ name: 'listed', role: 'viewer' })
    const { text, json } = await test.ask('/api/access/tokens', { token: test.tokens.admin })
    expect(text).not.toContain(secret)
    expect(json).toMatchObject({
      tokens: expect.arrayContaining([
        expect.objectContaining({ name: 'listed', role: 'viewer', job: null }),
      ]) as unknown,
    })
  })

  it('that is good for one job gets nowhere else', async () => {
    const { secret: token } = await test.makeToken({ name: 'job', role: 'member', job: 'mine-0001' })
    const put = (uid: string) => test.ask(`/api/jobs/${uid}`, { method: 'PUT', token, body: {} })
    expect((await put('mine-0001')).status).toBe(200)
    expect((await test.ask('/api/jobs/mine-0001', { token })).status).toBe(200)
    expect(await put('other-0001')).toMatchObject({ status: 404, json: error('notFound') })
    expect(await test.ask('/api/jobs', { token })).toMatchObject({ status: 403, json: error('forbidden') })
    expect((await test.ask('/api/live?topic=jobs', { token })).status).toBe(403)
  })

  it('that is unknown is refused without end, while known ones pass', async () => {
    const statuses = []
    for (let at = 0; at < 32; at += 1) statuses.push((await test.ask('/api/jobs', { token: `ph_${at}` })).status)
    expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true)
    expect(statuses.slice(30)).toEqual([429, 429])
    expect((await test.ask('/api/access/tokens', { token: test.tokens.admin })).status).toBe(429)
    clockMs += 2_000
    expect((await test.ask('/api/access/tokens', { token: test.tokens.admin })).status).toBe(200)
    expect((await test.ask('/api/jobs', { token: 'ph_x' })).status).toBe(401)
    expect((await test.ask('/api/access/tokens', { token: test.tokens.admin })).status).toBe(200)
  })

  it.each(['Basic YTpi', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(300)}`])(
    'is not read from «%s»',
    async (authorization) => {
      expect(await test.ask('/api/jobs', { headers: { authorization } })).toMatchObject({
        status: 401,
        json: error('unauthenticated'),
      })
    },
  )
})

describe('the data folder', () => {
  it('holds two tokens that only the user reads and that stay good over a restart', async () => {
    const before = await Promise.all(
      ['report.token', 'admin.token'].map((name) => readFile(join(dataFolder, name), 'utf8')),
    )
    expect((await stat(join(dataFolder, 'admin.token'))).mode & 0o777).toBe(0o600)
    expect((await stat(dataFolder)).mode & 0o777).toBe(0o700)
    await test.server.close()
    test = await start()
    const after = await Promise.all(
      ['report.token', 'admin.token'].map((name) => readFile(join(dataFolder, name), 'utf8')),
    )
    expect(after).toEqual(before)
    const [report = '', admin = ''] = after.map((text) => text.trim())
    expect((await test.ask('/api/jobs', { token: report })).status).toBe(403)
    expect((await test.ask('/api/jobs', { token: admin })).status).toBe(200)
  })

  it('gets a new token in place of one that was revoked', async () => {
    const before = await test.readDataFile('report.token')
    const { json } = await test.ask('/api/access/tokens', { token: test.tokens.admin })
    const { tokens } = json as { tokens: { id: number; name: string }[] } // what this route answers with
    const id = tokens.find(({ name }) => name === 'report.token')?.id
    await test.ask(`/api/access/tokens/${id ?? ''}`, { method: 'DELETE', token: test.tokens.admin })
    await test.server.close()
    test = await start()
    expect(await test.readDataFile('report.token')).not.toBe(before)
  })

  it('says where the server is while it runs', async () => {
    expect(JSON.parse(await test.readDataFile('server.json'))).toEqual({
      url: test.server.url,
      pid: process.pid,
      version: '0.0.0-test',
    })
    await test.server.close()
    await expect(test.readDataFile('server.json')).rejects.toThrow('ENOENT')
  })
})

describe('every change', () => {
  it('is written down: who did what, to what, when and from where', async () => {
    const { id } = await test.makeToken({ name: 'noted', role: 'viewer' })
    const { admin: token } = test.tokens
    await test.ask(`/api/access/tokens/${id}`, { method: 'DELETE', token })
    await test.ask('/api/jobs/noted-0001', { method: 'PUT', token, body: {} })
    await test.ask('/api/jobs/noted-0001', { method: 'PATCH', token, body: { name: 'x' } })
    await test.ask('/api/jobs/noted-0001', { method: 'DELETE', token })
    await test.ask('/api/jobs/noted-0001', { method: 'DELETE', token })
    await signIn()
    await test.server.close()
    const listAudit = 'select action, subject, member_id, address, at_ms from audit order by id'
    const rows = await askDatabase({ folder: dataFolder, databaseUrl: database.url }, listAudit)
    const noted = rows.map(({ action, subject }) => [action, subject])
    const start = noted.findIndex(([action, subject]) => action === 'access.revoke-token' && subject === String(id))
    expect(noted.slice(start - 1)).toEqual([
      ['access.create-token', String(id)],
      ['access.revoke-token', String(id)],
      ['jobs.put', 'noted-0001'],
      ['jobs.edit', 'noted-0001'],
      ['jobs.delete', 'noted-0001'],
      ['access.sign-in', expect.any(String)],
    ])
    expect(rows.at(-1)).toMatchObject({ member_id: 1, address: '127.0.0.1', at_ms: expect.any(Number) as number })
  })
})

it('tokens are listed page by page, and one made meanwhile shifts nothing', async () => {
  const own = await startTestServer()
  for (let at = 0; at < 5; at += 1) await own.makeToken({ name: `paged ${at}`, role: 'viewer' })
  const ask = async (cursor: string | null) => {
    const after = cursor === null ? '' : `&cursor=${cursor}`
    const { json } = await own.ask(`/api/access/tokens?limit=2${after}`, { token: own.tokens.admin })
    return tokenList.parse(json)
  }
  const seen: number[] = []
  let cursor: string | null = null
  do {
    const page = await ask(cursor)
    seen.push(...page.tokens.map(({ id }) => id))
    cursor = page.next
    await own.makeToken({ name: 'meanwhile', role: 'viewer' })
  } while (cursor !== null)
  expect(seen).toEqual(seen.toSorted((one, other) => other - one))
  // Those that were made, one of each role, and the two that every control room has.
  expect(new Set(seen).size).toBe(5 + roles.length + 2)
  await own.close()
})
