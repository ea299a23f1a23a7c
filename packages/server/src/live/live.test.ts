import { once } from 'node:events'
import { type IncomingMessage, get } from 'node:http'
import type { LogLine, LogsEvent, ServerMessage } from '@pilothouse/contract'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type TestServer, startTestServer } from '../http/test-server.ts'

let test: TestServer
const clockMs = Date.now()
beforeAll(async () => {
  test = await startTestServer({}, { now: () => clockMs })
})
afterAll(() => test.close())

const undo: (() => void)[] = []
afterEach(() => undo.splice(0).forEach((work) => work()))

type Line = { messages: ServerMessage[]; until(done: (messages: ServerMessage[]) => boolean): Promise<ServerMessage[]> }

/** Collects messages; `until` resolves as soon as they are as wanted. */
function collect(): Line & { take(message: ServerMessage): void } {
  const messages: ServerMessage[] = []
  const waiting = new Set<() => void>()
  return {
    messages,
    take: (message) => {
      messages.push(message)
      for (const check of waiting) check()
    },
    until: (done) =>
      new Promise((resolve) => {
        const check = () => {
          if (!done(messages)) return
          waiting.delete(check)
          resolve(messages)
        }
        waiting.add(check)
        check()
      }),
  }
}

async function openSocket(token = test.tokens.viewer) {
  const socket = new WebSocket(`ws://127.0.0.1:${test.server.port}/api/live`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const line = collect()
  socket.on('message', (raw: Buffer) => line.take(JSON.parse(raw.toString()) as ServerMessage)) // our own server wrote it
  undo.push(() => socket.terminate())
  await once(socket, 'open')
  return { ...line, socket, send: (message: unknown) => socket.send(JSON.stringify(message)) }
}

async function openStream(path: string, headers: Record<string, string> = {}) {
  const line = collect()
  const ids: (string | undefined)[] = []
  const authorization = `Bearer ${test.tokens.viewer}`
  const request = get({
    host: '127.0.0.1',
    port: test.server.port,
    path,
    headers: { ...headers, authorization },
    agent: false,
  })
  undo.push(() => request.destroy())
  const [response] = (await once(request, 'response')) as [IncomingMessage] // what this event carries
  let rest = ''
  response.setEncoding('utf8')
  response.on('error', () => undefined)
  response.on('data', (part: string) => {
    const blocks = (rest + part).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) takeBlock(block)
  })
  function takeBlock(block: string): void {
    const data = /^data: (.*)$/m.exec(block)?.[1]
    if (data === undefined) return
    ids.push(/^id: (.*)$/m.exec(block)?.[1])
    line.take(JSON.parse(data) as ServerMessage) // our own server wrote it
  }
  return { ...line, ids, response, close: () => request.destroy() }
}

async function makeJob(uid: string): Promise<void> {
  expect((await test.ask(`/api/jobs/${uid}`, { method: 'PUT', token: test.tokens.admin, body: {} })).status).toBe(200)
}

async function rename(uid: string, name: string): Promise<void> {
  const { status } = await test.ask(`/api/jobs/${uid}`, { method: 'PATCH', token: test.tokens.admin, body: { name } })
  expect(status).toBe(200)
}

const isEvent = (message: ServerMessage) => message.type === 'event'
const names = (messages: ServerMessage[]) =>
  messages.flatMap((message) =>
    message.type === 'event' && message.topic.startsWith('job:') ? [(message.data as { name: string }).name] : [],
  )
const hasName = (name: string) => (messages: ServerMessage[]) => names(messages).includes(name)
const lastCursor = (messages: ServerMessage[]) =>
  messages.findLast(isEvent) as Extract<ServerMessage, { type: 'event' }>

describe('the WebSocket', () => {
  it('greets, confirms a subscription and tells what happens', async () => {
    await makeJob('socket-01')
    const { messages, until, send } = await openSocket()
    send({ type: 'subscribe', topic: 'jobs' })
    send({ type: 'subscribe', topic: 'job:socket-01' })
    await until((all) => all.filter(({ type }) => type === 'subscribed').length === 2)
    expect(messages[0]).toMatchObject({ type: 'hello', version: '0.0.0-test', time: clockMs })
    await rename('socket-01', 'renamed')
    // That it was made may be told as well, a moment ago.
    await until((all) => hasName('renamed')(all) && all.some((one) => one.type === 'event' && one.topic === 'jobs'))
    expect(messages.filter(isEvent)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          topic: 'job:socket-01',
          data: expect.objectContaining({ name: 'renamed' }) as unknown,
        }),
        expect.objectContaining({ topic: 'jobs', data: expect.objectContaining({ removed: [] }) as unknown }),
      ]),
    )
  })

  it('goes on after its cursor without gap and without double, and resets after a strange one', async () => {
    await makeJob('socket-02')
    const keeper = await openSocket()
    keeper.send({ type: 'subscribe', topic: 'job:socket-02' })
    await keeper.until((all) => all.some(({ type }) => type === 'subscribed'))
    const first = await openSocket()
    first.send({ type: 'subscribe', topic: 'job:socket-02' })
    await first.until((all) => all.some(({ type }) => type === 'subscribed'))
    await rename('socket-02', 'one')
    await first.until(hasName('one'))
    first.socket.terminate()
    await rename('socket-02', 'two')
    await keeper.until(hasName('two'))
    const again = await openSocket()
    again.send({ type: 'subscribe', topic: 'job:socket-02', after: lastCursor(first.messages).cursor })
    await rename('socket-02', 'three')
    await again.until(hasName('three'))
    // The one that subscribed first may have been told of the making, too.
    const renamed = (messages: ServerMessage[]) => names(messages).filter((name) => name !== 'socket-02')
    expect([...renamed(first.messages), ...renamed(again.messages)]).toEqual(renamed(keeper.messages))
    again.send({ type: 'subscribe', topic: 'job:socket-02', after: 'elsewhere.7' })
    await again.until((all) => all.some(({ type }) => type === 'reset'))
  })

  it('says what it does not know and stays open', async () => {
    const { until, send, socket } = await openSocket()
    for (const message of [
      { type: 'subscribe', topic: 'job:nobody-01' },
      { type: 'subscribe', topic: 'weather' },
      { type: 'dance' },
    ])
      send(message)
    socket.send('no JSON')
    send({ type: 'ping' })
    const messages = await until(
      (all) => all.some(({ type }) => type === 'pong') && all.filter(({ type }) => type === 'error').length === 4,
    )
    const errors = messages.filter((message) => message.type === 'error')
    expect(errors.map(({ code, topic }) => [code, topic])).toEqual(
      expect.arrayContaining([
        ['notFound', 'job:nobody-01'],
        ['invalid', 'weather'],
        ['malformed', undefined],
      ]),
    )
    expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  it('ends when its token is revoked', async () => {
    const { id, secret } = await test.makeToken({ name: 'short', role: 'viewer' })
    const { socket } = await openSocket(secret)
    const closed = once(socket, 'close')
    await test.ask(`/api/access/tokens/${id}`, { method: 'DELETE', token: test.tokens.admin })
    expect((await closed)[0]).toBe(4401)
  })

  it('is closed by a message that is too large', async () => {
    const { socket } = await openSocket()
    const closed = once(socket, 'close')
    socket.send('x'.repeat(100_000))
    expect((await closed)[0]).toBe(1009)
  })
})

describe('the event stream', () => {
  it('goes on after Last-Event-ID over several topics without gap and without double', async () => {
    await Promise.all([makeJob('stream-01'), makeJob('stream-02')])
    const path = '/api/live?topic=job:stream-01&topic=job:stream-02'
    const keeper = await openStream(path)
    const first = await openStream(path)
    await first.until((all) => all.filter(({ type }) => type === 'subscribed').length === 2)
    await keeper.until((all) => all.filter(({ type }) => type === 'subscribed').length === 2)
    await rename('stream-01', 'a1')
    await rename('stream-02', 'b1')
    await first.until((all) => hasName('a1')(all) && hasName('b1')(all))
    first.close()
    await rename('stream-02', 'b2')
    await keeper.until(hasName('b2'))
    await rename('stream-01', 'a2')
    await keeper.until(hasName('a2'))
    const again = await openStream(path, { 'last-event-id': first.ids.findLast((id) => id !== undefined) ?? '' })
    await rename('stream-02', 'b3')
    await again.until(hasName('b3'))
    await keeper.until(hasName('b3'))
    // The one that subscribed first may have been told of the making, too.
    const renamed = (messages: ServerMessage[]) => names(messages).filter((name) => !name.startsWith('stream-'))
    expect([...renamed(first.messages), ...renamed(again.messages)]).toEqual(renamed(keeper.messages))
    expect(again.messages.some(({ type }) => type === 'reset')).toBe(false)
  })

  it('is an event stream that no cache keeps, with the headers of every answer', async () => {
    const { response, until } = await openStream('/api/live?topic=jobs&topic=job:nobody-01')
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const messages = await until((all) => all.length >= 3)
    expect(messages.map(({ type }) => type)).toEqual(['hello', 'error', 'subscribed'])
  })

  it('asks for a topic', async () => {
    const answer = await test.ask('/api/live', { token: test.tokens.viewer })
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'invalid', field: 'topic' } } })
  })
})

describe('both framings', () => {
  it('carry points and lines as soon as a report is stored', async () => {
    await makeJob('report-01')
    const line = await openSocket()
    for (const topic of ['metrics:report-01', 'logs:report-01']) line.send({ type: 'subscribe', topic })
    await line.until((all) => all.filter(({ type }) => type === 'subscribed').length === 2)
    const body = {
      attempt: 1,
      writer: 'w',
      number: 1,
      role: 'sdk',
      sentAt: clockMs,
      points: [{ keys: ['loss'], steps: [1, 2], times: [clockMs, clockMs], values: [[0.5, 'NaN']] }],
      logs: [{ stream: 'stdout', times: [clockMs], lines: ['hello'] }],
    }
    const { status } = await test.ask('/api/jobs/report-01/reports', {
      method: 'POST',
      token: test.tokens.reporter,
      body,
    })
    expect(status).toBe(200)
    const messages = await line.until((all) => all.filter(isEvent).length === 2)
    const data = Object.fromEntries(messages.flatMap((one) => (one.type === 'event' ? [[one.topic, one.data]] : [])))
    expect(data['metrics:report-01']).toMatchObject({
      series: [{ key: 'loss', source: 'job', from: 0, steps: [1, 2], values: [0.5, 'NaN'] }],
    })
    const logged = data['logs:report-01'] as LogsEvent // a log topic
    expect(logged.lines.map(({ text }: LogLine) => text)).toEqual(['hello'])
  })

  it('end when the server stops, at once', async () => {
    const other = await startTestServer()
    const authorization = `Bearer ${other.tokens.viewer}`
    const socket = new WebSocket(`ws://127.0.0.1:${other.server.port}/api/live`, { headers: { authorization } })
    await once(socket, 'open')
    const path = '/api/live?topic=jobs'
    const stream = get({ host: '127.0.0.1', port: other.server.port, path, headers: { authorization }, agent: false })
    const [response] = (await once(stream, 'response')) as [IncomingMessage] // what this event carries
    response.resume()
    const ended = Promise.all([once(socket, 'close'), once(response, 'end')])
    const before = performance.now()
    await other.close()
    expect((await ended)[0][0]).toBe(1001)
    expect(performance.now() - before).toBeLessThan(10_000)
  })
})
