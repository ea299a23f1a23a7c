import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeReport, frameContentType, PilothouseError } from '@pilothouse/contract/wire'
import type { Job, LogsEvent, MetricsEvent } from '@pilothouse/contract'
import { createServer, readConfig, type RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, openEventStream, openLive, type Client } from './index.ts'

let folder: string
let server: RunningServer
let admin: Client
let reporter: string

async function start(port: number): Promise<RunningServer> {
  const config = readConfig({ PILOTHOUSE_DATA: folder, PILOTHOUSE_LOG_LEVEL: 'silent' }, '0.0.0')
  return createServer({ ...config, port, portTries: 0 })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-client-'))
  server = await start(0)
  const token = async (name: string): Promise<string> => (await readFile(join(folder, name), 'utf8')).trim()
  admin = createClient({ baseUrl: server.url, token: await token('admin.token') })
  reporter = await token('report.token')
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

/** Opens a job and sends reports to it. */
async function makeJob(uid: string) {
  await admin.call('jobs.put', { params: { uid }, body: { name: uid } })
  let number = 0
  return async (values: readonly number[], from: number, lines: readonly string[] = []): Promise<void> => {
    number += 1
    const steps = values.map((_, at) => from + at)
    const times = steps.map(() => Date.now())
    const body = encodeReport({
      attempt: 1,
      writer: 'test',
      number,
      role: 'sdk',
      sentAt: Date.now(),
      points: [{ source: 'job', keys: ['loss'], steps, times, values: [values] }],
      logs: lines.length > 0 ? [{ stream: 'stdout', times: lines.map(() => Date.now()), lines: [...lines] }] : [],
    })
    const headers = { authorization: `Bearer ${reporter}`, 'content-type': frameContentType }
    const answer = await fetch(`${server.url}/api/jobs/${uid}/reports`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
  }
}

test('a form goes on its way while it is made; errors below /v1 are told once, with their field', async () => {
  const form = (purpose: string) => {
    const head = `--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n--b\r\n`
    const file = 'content-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n{}\n\r\n--b--\r\n'
    const data = ReadableStream.from([head, file].map((text) => new TextEncoder().encode(text)))
    return { type: 'multipart/form-data; boundary=b', data }
  }
  const file = await admin.send('files.create', form('batch'))
  expect(file).toMatchObject({ filename: 'a.jsonl', bytes: 3, purpose: 'batch' })
  const content = await admin.open('files.content', { params: { id: file.id } })
  expect(await content.text()).toBe('{}\n')
  const refused = await admin.send('files.create', form('nothing')).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'invalid', field: 'purpose', hint: '' })
})

/** Resolves when `check` holds; asked again whenever `nudge` is called. */
function makeSignal(): { nudge: () => void; until: (check: () => boolean) => Promise<void> } {
  const waiting = new Set<() => void>()
  return {
    nudge: () => waiting.forEach((look) => look()),
    until: async (check) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!check()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

test('a call is typed, and its answer parsed', async () => {
  await makeJob('typed-call')
  const page = await admin.call('jobs.list', { query: { search: 'typed-call', state: ['running', 'paused'] } })
  expect(page.jobs.map(({ uid }) => uid)).toEqual(['typed-call'])
  expect(admin.url('logs.text', { params: { uid: 'a b' }, query: { download: 'true' } })).toBe(
    `${server.url}/api/jobs/a%20b/logs/text?download=true`,
  )
})

test("an error carries the server's code, field and hint", async () => {
  const error: unknown = await admin.call('jobs.list', { query: { limit: 0 } }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(PilothouseError)
  expect(error).toMatchObject({ code: 'invalid', field: expect.stringContaining('limit') as string })
  await expect(admin.call('jobs.get', { params: { uid: 'nowhere' } })).rejects.toMatchObject({ code: 'notFound' })
  const nobody = createClient({ baseUrl: server.url })
  await expect(nobody.call('jobs.list')).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('a server that is not there is «unavailable», a foreign answer keeps its status', async () => {
  const away = createClient({ baseUrl: 'http://127.0.0.1:1' })
  await expect(away.call('health.get')).rejects.toMatchObject({ code: 'unavailable' })
  const proxy = createClient({
    baseUrl: 'http://x',
    fetch: async () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
  })
  await expect(proxy.call('health.get')).rejects.toMatchObject({ code: 'unavailable' })
})

test('metrics come through the binary frame, NaN included', async () => {
  const report = await makeJob('frame-metrics')
  await report([3, Number.NaN, 1], 0)
  const answer = await admin.metrics('frame-metrics', { points: 10 })
  const [series] = answer.series
  expect(series?.total).toBe(3)
  expect(Array.from(series?.last ?? [])).toEqual([3, Number.NaN, 1])
})

test('an event stream tells when to take a snapshot, and what comes after it, once', async () => {
  const report = await makeJob('event-stream')
  const { nudge, until } = makeSignal()
  const events: MetricsEvent[] = []
  let resets = 0
  const close = openEventStream(admin, {
    topic: 'metrics:event-stream',
    onEvent: (event) => {
      events.push(event)
      nudge()
    },
    onReset: () => {
      resets += 1
      nudge()
    },
  })
  await until(() => resets === 1)
  await report([1, 2], 0)
  await report([3], 2)
  await until(() => events.flatMap(({ series }) => series.flatMap(({ values }) => values)).length === 3)
  expect(events[0]?.series[0]).toMatchObject({ key: 'loss', from: 0 })
  close()
})

test('an event stream that is refused says so and does not try again', async () => {
  const error = await new Promise<Error>((resolve) => {
    openEventStream(createClient({ baseUrl: server.url }), {
      topic: 'jobs',
      onEvent: () => undefined,
      onReset: () => undefined,
      onError: resolve,
    })
  })
  expect(error).toMatchObject({ code: 'unauthenticated' })
})

test('the line survives a restart of the server: it comes back and asks for a snapshot', async () => {
  const report = await makeJob('restarted')
  const signIn = await fetch(`${server.url}/api/access/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: server.link().split('code=')[1] }),
  })
  expect(signIn.status).toBe(200)
  const cookie = signIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const { WebSocket: NodeSocket } = await import('ws')
  const live = openLive(admin, {
    // Node's own socket cannot carry a cookie; a page's does.
    openSocket: (url) => new NodeSocket(url, { headers: { cookie, origin: server.url } }) as unknown as WebSocket,
    random: () => 0,
  })
  const { nudge, until } = makeSignal()
  const states: string[] = []
  const lines: string[] = []
  let resets = 0
  live.onStatus(({ state }) => {
    states.push(state)
    nudge()
  })
  live.subscribe('logs:restarted', {
    onEvent: (event: LogsEvent) => {
      lines.push(...event.lines.map(({ text }) => text))
      nudge()
    },
    onReset: () => {
      resets += 1
      nudge()
    },
  })
  await until(() => resets === 1)
  await report([], 0, ['before'])
  await until(() => lines.includes('before'))

  const { port } = server
  await server.close()
  await until(() => live.status().state !== 'live')
  server = await start(port)
  await until(() => live.status().state === 'live' && resets === 2)
  await report([], 0, ['after'])
  await until(() => lines.includes('after'))
  expect(lines).toEqual(['before', 'after'])
  expect(states.at(-1)).toBe('live')
  expect(states).toContain('connecting')

  const jobs: Job[] = []
  const undo = live.subscribe('job:restarted', { onEvent: (job) => jobs.push(job), onReset: nudge })
  undo()
  live.close()
})
