/** The live stream as a WebSocket: what the page uses. */
import type { ServerMessage } from '@pilothouse/contract'
import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { Caller } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { findTopicFault } from './check-topic.ts'
import type { LiveConnections, LiveEnd } from './live-connections.ts'
import { Subscriptions, topicsMax, writeEvent } from './subscriptions.ts'

/** Messages of a client that may wait for their turn. Beyond, it is given up. */
const queueMax = 1_000
/** A client that does not answer the end of a stream for so long is cut off; the server itself stops faster. */
const closeMsMax = 10_000
const stopMsMax = 1_000

const topic = z.string().max(200)
const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribe'), topic, after: z.string().max(100).optional() }),
  z.object({ type: z.literal('unsubscribe'), topic }),
  z.object({ type: z.literal('ping') }),
])
type ParsedMessage = z.infer<typeof clientMessage>

/** Close codes: 1001 the server stops, 1013 too slow, 4401 sign in again, 1008 against the rules. */
const endCodes: Record<LiveEnd, number> = { stopping: 1001, revoked: 4401, expired: 4401 }

export type SocketParts = { caller: Caller; resources: Resources; connections: LiveConnections }

/** Serves one connection until it closes. */
export function serveSocket(socket: WebSocket, { caller, resources, connections }: SocketParts): void {
  const { hub, storage, config, now } = resources
  const send = (message: ServerMessage) => socket.send(JSON.stringify(message))
  const subscriptions = new Subscriptions({
    hub,
    send,
    transport: makeTransport(socket, hub.epoch, () => subscriptions.outbox.flush()),
  })
  let alive = true
  const leave = connections.add({
    caller,
    beat: () => {
      if (!alive) return socket.terminate()
      alive = false
      return socket.ping()
    },
    end: (why) => endSocket(socket, endCodes[why], why),
  })
  socket.on('pong', () => (alive = true))
  socket.on('close', () => {
    leave()
    subscriptions.close()
  })
  const act = (message: ParsedMessage) =>
    actOn(message, { subscriptions, send, storage, now, isOpen: () => socket.readyState === socket.OPEN })
  receiveInTurn(socket, send, act)
  send({ type: 'hello', epoch: hub.epoch, time: now(), version: config.version })
}

type Acting = {
  subscriptions: Subscriptions
  send: (message: ServerMessage) => void
  storage: Resources['storage']
  now: () => number
  isOpen: () => boolean
}

async function actOn(message: ParsedMessage, { subscriptions, send, storage, now, isOpen }: Acting): Promise<void> {
  switch (message.type) {
    case 'ping':
      return send({ type: 'pong', time: now() })
    case 'unsubscribe':
      return subscriptions.unsubscribe(message.topic)
    case 'subscribe': {
      if (subscriptions.full) {
        return send({
          type: 'error',
          topic: message.topic,
          code: 'tooLarge',
          message: `A connection has at most ${topicsMax} topics.`,
        })
      }
      const fault = await findTopicFault(message.topic, storage)
      if (!isOpen()) return undefined
      if (fault) return send({ type: 'error', topic: message.topic, code: fault.code, message: fault.message })
      return subscriptions.subscribe([message.topic], message.after)
    }
    default:
      return message satisfies never
  }
}

/** One message after another, so that «unsubscribe» never overtakes the «subscribe» before it. */
function receiveInTurn(
  socket: WebSocket,
  send: (message: ServerMessage) => void,
  act: (message: ParsedMessage) => Promise<void>,
): void {
  let waiting = 0
  let turn = Promise.resolve()
  socket.on('message', (raw, isBinary) => {
    const message = isBinary ? undefined : parseMessage(readText(raw))
    if (!message) return send({ type: 'error', code: 'malformed', message: 'This is no message of the live stream.' })
    if (waiting >= queueMax) return endSocket(socket, 1008, 'too many messages at once')
    waiting += 1
    turn = turn
      .then(() => act(message))
      .catch(() => endSocket(socket, 1011, 'the server failed'))
      .finally(() => (waiting -= 1))
  })
}

/** A message of ws: one buffer, or its parts. */
function readText(raw: RawData): string {
  const bytes = Array.isArray(raw) ? Buffer.concat(raw) : raw
  return new TextDecoder().decode(bytes)
}

function parseMessage(text: string): ParsedMessage | undefined {
  try {
    return clientMessage.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // no JSON: the caller says so
  }
}

function makeTransport(socket: WebSocket, epoch: string, flush: () => void) {
  return {
    bufferedBytes: () => socket.bufferedAmount,
    sendEvent: (event: Parameters<typeof writeEvent>[0]) => socket.send(writeEvent(event, epoch), flush),
    drop: (reason: string) => endSocket(socket, 1013, reason),
  }
}

/** Ends politely, and by force when nobody answers. */
function endSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason)
  const timer = setTimeout(() => socket.terminate(), code === endCodes.stopping ? stopMsMax : closeMsMax)
  socket.once('close', () => clearTimeout(timer))
}
