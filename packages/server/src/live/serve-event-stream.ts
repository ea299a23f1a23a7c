/** The live stream as server-sent events: what the terminal, the SDK and curl use. */
import type { ServerResponse } from 'node:http'
import type { ServerMessage } from '@pilothouse/contract'
import type { FastifyReply } from 'fastify'
import type { Caller } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { findTopicFault } from './check-topic.ts'
import { formatCursor } from './cursor.ts'
import type { LiveConnections } from './live-connections.ts'
import { Subscriptions, writeEvent } from './subscriptions.ts'

export type StreamParts = {
  caller: Caller
  resources: Resources
  connections: LiveConnections
  topics: readonly string[]
  /** Last cursor that the client saw. */
  after: string | undefined
}

/** Serves one stream until it closes. */
export async function serveEventStream(
  reply: FastifyReply,
  { caller, resources, connections, topics, after }: StreamParts,
): Promise<void> {
  const { hub, storage, config, now } = resources
  const faults = await Promise.all(topics.map((topic) => findTopicFault(topic, storage)))
  if (reply.raw.closed) return // it left while we looked
  const output = beginStream(reply)
  const send = (message: ServerMessage) => output.write(frameMessage(message, after))
  const subscriptions = new Subscriptions({ hub, send, transport: makeTransport(output, hub.epoch) })
  const leave = connections.add({
    caller,
    beat: () => output.write(': alive\n\n'),
    end: () => output.end(),
  })
  output.on('drain', () => subscriptions.outbox.flush())
  output.on('close', () => {
    leave()
    subscriptions.close()
  })
  send({ type: 'hello', epoch: hub.epoch, time: now(), version: config.version })
  topics.forEach((topic, at) => {
    const fault = faults[at]
    if (fault) send({ type: 'error', topic, code: fault.code, message: fault.message })
  })
  subscriptions.subscribe(
    topics.filter((_topic, at) => !faults[at]),
    after,
  )
}

function beginStream(reply: FastifyReply): ServerResponse {
  reply.hijack()
  const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }
  const known = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  reply.raw.writeHead(200, Object.fromEntries(known))
  return reply.raw
}

/** The id is what a client names when it comes back, so only what is told up to there may carry it. */
function frameMessage(message: ServerMessage, after: string | undefined): string {
  const id = message.type === 'subscribed' && after === undefined ? `id: ${message.cursor}\n` : ''
  return `${id}event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`
}

function makeTransport(output: ServerResponse, epoch: string) {
  return {
    bufferedBytes: () => output.writableLength,
    sendEvent: (event: Parameters<typeof writeEvent>[0], resumable: boolean) => {
      const id = resumable ? `id: ${formatCursor({ epoch, seq: event.seq })}\n` : ''
      output.write(`${id}event: event\ndata: ${writeEvent(event, epoch)}\n\n`)
    },
    drop: () => output.destroy(),
  }
}
