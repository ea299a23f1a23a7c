import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorCodes, limits, livePath, paths } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { databaseKind } from '../storage/test-database.ts'
import { type Question, type TestServer, startTestServer } from './test-server.ts'

let test: TestServer
let webFolder: string
beforeAll(async () => {
  webFolder = await mkdtemp(join(tmpdir(), 'pilothouse-web-'))
  await mkdir(join(webFolder, 'assets'))
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><script>1</script><div id="root"></div>')
  await writeFile(join(webFolder, 'assets', 'index-a1b2c3d4.js'), 'export {}')
  await writeFile(join(webFolder, '..', 'pilothouse-outside.txt'), 'not for everybody')
  test = await startTestServer({ webFolder })
})
afterAll(async () => {
  await test.close()
  await rm(webFolder, { recursive: true })
  await rm(join(webFolder, '..', 'pilothouse-outside.txt'))
})

function put(question: Question = {}) {
  return test.ask('/api/jobs/guard-0001', { method: 'PUT', token: test.tokens.admin, body: {}, ...question })
}

describe('a request from elsewhere', () => {
  it('is refused under a foreign name, on every kind of route', async () => {
    for (const path of ['/', '/health', '/api/jobs', '/api/nothing', '/docs']) {
      const { status, json } = await test.ask(path, {
        token: test.tokens.admin,
        headers: { host: 'evil.example:4080' },
      })
      expect({ path, status }).toEqual({ path, status: 403 })
      expect(json).toMatchObject({ error: { code: 'wrongHost' } })
    }
  })

  it('is refused as a write from a foreign page, even with a good token', async () => {
    const { status, json } = await put({ headers: { origin: 'http://localhost:3000' } })
    expect(status).toBe(403)
    expect(json).toMatchObject({ error: { code: 'wrongOrigin' } })
  })

  it('is refused as a write that the browser calls cross-site', async () => {
    expect((await put({ headers: { 'sec-fetch-site': 'cross-site' } })).json).toMatchObject({
      error: { code: 'wrongOrigin' },
    })
  })

  it('is refused as a sign-in from a foreign page', async () => {
    const question = { method: 'POST', headers: { origin: 'http://evil.example' }, body: { code: test.makeCode() } }
    expect((await test.ask('/api/access/sign-in', question)).json).toMatchObject({ error: { code: 'wrongOrigin' } })
  })

  it('is refused as an upgrade from a foreign page', async () => {
    const headers = { authorization: `Bearer ${test.tokens.admin}`, origin: 'http://evil.example' }
    const socket = new WebSocket(`ws://127.0.0.1:${test.server.port}${livePath}`, { headers })
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.on('error', () => undefined)
    })
    socket.terminate()
    expect(status).toBe(403)
  })

  it('passes from the own page', async () => {
    const headers = { origin: test.server.url, 'sec-fetch-site': 'same-origin' }
    expect((await put({ headers })).status).toBe(200)
  })
})

describe('a bad body', () => {
  it('is malformed when it is no JSON', async () => {
    const { status, json } = await put({ body: Buffer.from('{"name": ') })
    expect(status).toBe(400)
    expect(json).toMatchObject({ error: { code: 'malformed', hint: errorCodes.malformed.hint } })
  })

  it('is refused when it is nested without end, wherever it may hold anything', async () => {
    const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`
    const send = async (method: string, path: string, text: string) => {
      const headers = { 'content-type': 'application/json', 'content-length': String(text.length) }
      return test.ask(path, { method, token: test.tokens.admin, headers, body: Buffer.from(text) })
    }
    const report = `"attempt":1,"writer":"w","number":1,"role":"sdk","sentAt":0`
    const answers = [
      await send('PUT', '/api/jobs/deep-0001', `{"config":{"a":${deep}}}`),
      await send('PATCH', '/api/jobs/deep-0001', `{"summary":{"a":${deep}}}`),
      await send('POST', '/api/jobs/deep-0001/reports', `{${report},"job":{"config":{"a":${deep}}}}`),
    ]
    for (const { status, json } of answers)
      expect({ status, json }).toMatchObject({ status: 400, json: { error: { code: 'invalid' } } })
    const imported = await send('POST', '/api/import', `[{"id":"deep-0002","config":{"a":${deep}}}]`)
    expect(imported.status).toBeLessThan(500)
    expect((await test.ask('/api/jobs', { token: test.tokens.admin })).status).toBe(200)
  })

  it('names the field that is wrong and what was expected there', async () => {
    const { status, json } = await put({ body: { name: 'x', attempt: { pid: 'one' } } })
    expect(status).toBe(400)
    expect(json).toMatchObject({
      error: { code: 'invalid', field: 'attempt.pid', expected: expect.stringContaining('number') as string },
    })
  })

  it('is refused when it is missing, of another type, or would change prototypes', async () => {
    expect((await put({ body: undefined })).json).toMatchObject({ error: { code: 'invalid' } })
    expect((await put({ headers: { 'content-type': 'text/plain' } })).json).toMatchObject({
      error: { code: 'unsupportedMediaType' },
    })
    expect((await put({ body: Buffer.from('{"config":{"__proto__":{"x":1}}}') })).json).toMatchObject({
      error: { code: 'malformed' },
    })
  })

  it('is refused above its limit, which is another one for reports', async () => {
    const large = await put({ body: Buffer.alloc(limits.bodyBytesMax + 1, 0x20) })
    expect(large.status).toBe(413)
    expect(large.json).toMatchObject({
      error: { code: 'tooLarge', message: expect.stringContaining(String(limits.bodyBytesMax)) as string },
    })
    const report = { method: 'POST', token: test.tokens.admin, body: Buffer.alloc(limits.reportBytesMax + 1, 0x20) }
    expect((await test.ask('/api/jobs/guard-0001/reports', report)).status).toBe(413)
    const fitting = { ...report, body: Buffer.alloc(limits.bodyBytesMax + 1, 0x20) }
    expect((await test.ask('/api/jobs/guard-0001/reports', fitting)).json).toMatchObject({
      error: { code: 'malformed' },
    })
  })

  it('names the query parameter and the path parameter that are wrong', async () => {
    const { admin: token } = test.tokens
    expect((await test.ask('/api/jobs?limit=0', { token })).json).toMatchObject({
      error: { code: 'invalid', field: 'limit' },
    })
    expect((await test.ask('/api/jobs/..%2f..%2fetc', { token })).json).toMatchObject({
      error: { code: 'invalid', field: 'uid' },
    })
    expect((await test.ask('/api/access/tokens/x', { method: 'DELETE', token })).json).toMatchObject({
      error: { field: 'id' },
    })
  })
})

describe('an answer', () => {
  it('is the same with a slash at the end', async () => {
    const { admin: token } = test.tokens
    const [bare, slashed] = await Promise.all([test.ask('/api/jobs', { token }), test.ask('/api/jobs/', { token })])
    expect(slashed).toMatchObject({ status: 200, text: bare.text })
  })

  it('is JSON with the request id where there is no such route', async () => {
    const { status, json, headers } = await test.ask('/api/nothing', { headers: { accept: 'text/html' } })
    expect(status).toBe(404)
    expect(json).toMatchObject({
      error: { code: 'notFound', requestId: expect.stringMatching(/^[0-9a-f]{8}-\d+$/) as string },
    })
    expect(headers['cache-control']).toBe('no-store')
  })

  it('carries the headers that keep browsers strict, and is not stored', async () => {
    const { headers } = await test.ask('/health')
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    })
    expect(headers['content-security-policy']).toContain("script-src 'self';")
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('says how to sign in when nobody is known', async () => {
    expect((await test.ask('/api/jobs')).headers['www-authenticate']).toBe('Bearer')
  })
})

describe('the health check', () => {
  it('tells nobody more than that all is well', async () => {
    expect((await test.ask('/health')).json).toEqual({ status: 'ok', version: '0.0.0-test' })
    expect((await test.ask('/health', { token: test.tokens.reporter })).json).not.toHaveProperty('details')
    expect((await test.ask('/health', { token: 'wrong' })).status).toBe(200)
  })

  it('tells the details to those who may see training', async () => {
    const { json } = await test.ask('/health', { token: test.tokens.viewer })
    expect(json).toMatchObject({ details: { database: { kind: databaseKind(), writable: true }, subscribers: 0 } })
  })
})

describe('the page', () => {
  it('is served at its addresses, never cached, with its own scripts allowed', async () => {
    for (const path of ['/', '/job/guard-0001', '/job/guard-0001?tab=logs']) {
      const { status, headers, text } = await test.ask(path, { headers: { accept: 'text/html,*/*' } })
      expect({ path, status }).toEqual({ path, status: 200 })
      expect(text).toContain('root')
      expect(headers['cache-control']).toBe('no-cache')
      expect(headers['content-security-policy']).toMatch(/script-src 'self' 'sha256-[\w+/]+=*';/)
    }
  })

  it('lets hashed files be kept for ever', async () => {
    const { status, headers } = await test.ask('/assets/index-a1b2c3d4.js')
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(headers['content-type']).toContain('javascript')
  })

  it('is not sent in place of a missing file, nor to tools', async () => {
    expect((await test.ask('/assets/index-ffffffff.js', { headers: { accept: 'text/html' } })).status).toBe(404)
    expect((await test.ask('/job/guard-0001', { headers: { accept: 'application/json' } })).status).toBe(404)
  })

  it.each([
    '/../pilothouse-outside.txt',
    '/..%2fpilothouse-outside.txt',
    '/assets/../../pilothouse-outside.txt',
    '/%2e%2e/pilothouse-outside.txt',
  ])('lets nobody out of its folder by %s', async (path) => {
    const { status, text } = await test.ask(path)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toContain('everybody')
  })
})

describe('the description of the interface', () => {
  it('lists every route with what it needs and how it fails', async () => {
    const { status, json } = await test.ask('/openapi.json')
    expect(status).toBe(200)
    const { openapi, paths: described } = json as {
      openapi: string
      paths: Record<string, Record<string, Record<string, unknown>>>
    } // as OpenAPI says
    expect(openapi).toBe('3.1.0')
    for (const [name, { method, path, permission }] of Object.entries(paths)) {
      const operation = described[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      expect(operation).toMatchObject({ operationId: name, 'x-permission': permission, responses: { default: {} } })
      const named = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter)
      const parameters = (operation?.['parameters'] ?? []) as { name: string; in: string; required: boolean }[] // as OpenAPI says
      expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(named)
    }
    expect(described[livePath]).toHaveProperty('get')
  })

  it('is readable as a page that loads nothing from elsewhere', async () => {
    const { status, text } = await test.ask('/docs')
    expect(status).toBe(200)
    expect(text).not.toMatch(/<script|src=|@import|url\(|href=.(?!\/openapi|#|data:)/)
    for (const { path } of Object.values(paths)) expect(text).toContain(path.replaceAll(/:(\w+)/g, '{$1}'))
  })
})
