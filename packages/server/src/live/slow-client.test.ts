import { once } from 'node:events'
import { type IncomingMessage, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LogLine, LogsEvent, ServerMessage } from '@pilothouse/contract'
import Fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Caller } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { Hub } from './hub.ts'
import { LiveConnections } from './live-connections.ts'
import { outboxLimits } from './outbox.ts'
import { serveEventStream } from './serve-event-stream.ts'
import { serveSocket } from './serve-socket.ts'

const caller: Caller = {
  memberId: 1,
  memberName: 'admin',
  role: 'admin',
  permissions: [],
  tokenId: 1,
  jobUid: null,
  expiresAt: null,
}
/** More than the buffers of the operating system hold. */
const floodBytes = 24 * 1024 * 1024
const linesPerEvent = 1_000
const text = 'x'.repeat(100)

const undo: (() => void)[] = []
afterEach(() => undo.splice(0).forEach((work) => work()))

function setUp() {
  const hub = new Hub({ watch: () => undefined })
  const storage = { call: async () => true } // every job exists
  const resources = { hub, storage, config: { version: '0' }, now: Date.now } as unknown as Resources // all that the stream uses
  return { hub, parts: { caller, resources, connections: new LiveConnections(Date.now) } }
}

/** Publishes log lines until `floodBytes` are out; after each event, `look` sees how it stands. */
function flood(hub: Hub, look: () => void): number {
  let sent = 0
  for (let bytes = 0; bytes < floodBytes; bytes += linesPerEvent * 150) {
    const lines = Array.from({ length: linesPerEvent }, (_, at): LogLine => ({
      n: sent + at,
      time: 0,
      stream: 'stdout',
      level: 'info',
      text,
    }))
    const data: LogsEvent = { attempt: 1, lines, open: null, skipped: 0 }
    hub.publish([{ topic: 'logs:slow-0001', data }])
    sent += linesPerEvent
    look()
  }
  return sent
}

/** Every line is either there or counted, in order. */
function countLines(messages: readonly ServerMessage[]) {
  let expected = 0
  let skipped = 0
  for (const message of messages) {
    if (message.type !== 'event') continue
    const data = message.data as LogsEvent // a log topic
    skipped += data.skipped
    expected += data.skipped
    for (const { n } of data.lines) {
      expect(n).toBe(expected)
      expected += 1
    }
  }
  return { told: expected, skipped }
}

describe('a subscriber that does not read', () => {
  it('costs a WebSocket a bounded buffer, and learns afterwards how much it missed', async () => {
    const { hub, parts } = setUp()
    const http = createServer().listen(0, '127.0.0.1')
    const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
    undo.push(
      () => http.close(),
      () => sockets.clients.forEach((one) => one.terminate()),
    )
    sockets.on('connection', (socket) => serveSocket(socket, parts))
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo // it listens on TCP
    const client = new WebSocket(`ws://127.0.0.1:${port}`)
    const messages: ServerMessage[] = []
    client.on('message', (raw: Buffer) => messages.push(JSON.parse(raw.toString()) as ServerMessage)) // our own server wrote it
    await once(client, 'open')
    client.send(JSON.stringify({ type: 'subscribe', topic: 'logs:slow-0001' }))
    while (!messages.some(({ type }) => type === 'subscribed')) await once(client, 'message')
    client.pause()
    const [server] = sockets.clients
    let largest = 0
    const sent = flood(hub, () => (largest = Math.max(largest, server?.bufferedAmount ?? 0)))
    expect(largest).toBeLessThan(outboxLimits.dropBytes)
    client.resume()
    while (countLines(messages).told < sent) await once(client, 'message')
    const { told, skipped } = countLines(messages)
    expect(told).toBe(sent)
    expect(skipped).toBeGreaterThan(0)
  })

  it('costs an event stream a bounded buffer, too', async () => {
    const { hub, parts } = setUp()
    const app = Fastify()
    undo.push(() => void app.close())
    let largest = 0
    let buffered = () => 0
    app.get('/', async (_request, reply) => {
      buffered = () => reply.raw.writableLength
      await serveEventStream(reply, { ...parts, topics: ['logs:slow-0001'], after: undefined })
      return reply
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo // it listens on TCP
    const request = get({ host: '127.0.0.1', port, path: '/', agent: false })
    undo.push(() => request.destroy())
    const [response] = (await once(request, 'response')) as [IncomingMessage] // what this event carries
    const messages: ServerMessage[] = []
    let rest = ''
    response.setEncoding('utf8')
    const read = (part: string) => {
      const blocks = (rest + part).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) messages.push(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null') as ServerMessage) // our own server wrote it
    }
    response.on('data', read)
    while (!messages.some(({ type }) => type === 'subscribed')) await once(response, 'data')
    response.pause()
    const sent = flood(hub, () => (largest = Math.max(largest, buffered())))
    expect(largest).toBeLessThan(outboxLimits.dropBytes)
    response.resume()
    while (countLines(messages).told < sent) await once(response, 'data')
    expect(countLines(messages).skipped).toBeGreaterThan(0)
  })

  it('is given up with a reason when there is too much that cannot be left out', async () => {
    const { hub, parts } = setUp()
    const http = createServer().listen(0, '127.0.0.1')
    const sockets = new WebSocketServer({ server: http })
    undo.push(
      () => http.close(),
      () => sockets.clients.forEach((one) => one.terminate()),
    )
    sockets.on('connection', (socket) => serveSocket(socket, parts))
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo // it listens on TCP
    const client = new WebSocket(`ws://127.0.0.1:${port}`)
    const subscribed = new Promise<void>((resolve) => {
      client.on('message', (raw: Buffer) => raw.toString().includes('"subscribed"') && resolve())
    })
    await once(client, 'open')
    client.send(JSON.stringify({ type: 'subscribe', topic: 'job:slow-0001' }))
    await subscribed
    client.pause()
    for (let at = 0; at < 100; at += 1)
      hub.publish([{ topic: 'job:slow-0001', data: { notes: 'x'.repeat(1_200_000) } }])
    expect(hub.subscriberCount).toBe(1)
    client.resume()
    const [code, reason] = (await once(client, 'close')) as [number, Buffer] // what this event carries
    expect([code, reason.toString()]).toEqual([1013, 'too slow: more than 1 MB was waiting to be taken'])
  })
})
