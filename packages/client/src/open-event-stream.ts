import type { ServerMessage } from '@pilothouse/contract'
import { livePath } from '@pilothouse/contract/wire'
import type { Client } from './create-client.ts'
import { readError } from './read-error.ts'
import { type LiveStatus, type TopicData, type TopicHandlers, waitBeforeAttempt } from './live.ts'
import { readEvents } from './read-events.ts'

export type EventStreamOptions<Name extends string> = TopicHandlers<TopicData<Name>> & {
  topic: Name
  /** The token is wrong, the topic unknown: trying again would not help. The stream has ended. */
  onError?: (error: Error) => void
  random?: () => number
  now?: () => number
}

/**
 * Listens to one topic as server-sent events over `fetch`, which carries a bearer token and works in Node as in a page.
 * Reconnects by itself from the cursor it has. Returns its undo.
 */
export function openEventStream<Name extends string>(client: Client, options: EventStreamOptions<Name>): () => void {
  const { now = Date.now, random = Math.random } = options
  const stop = new AbortController()
  let cursor: string | undefined
  let standing = false
  let status: LiveStatus = { state: 'connecting', since: now() }

  function enter(next: LiveStatus): void {
    if (next.state === status.state) return
    status = next
    options.onStatus?.(next)
  }

  function take(message: ServerMessage): void {
    if (message.type === 'event') {
      cursor = message.cursor
      options.onEvent(message.data as TopicData<Name>, cursor) // the topic's name decides the type of its data
    } else if (message.type === 'reset' || message.type === 'subscribed') {
      if (message.type === 'reset' || !standing) options.onReset()
      cursor = message.type === 'reset' ? message.cursor : (cursor ?? message.cursor)
      standing = true
    }
  }

  async function listenOnce(): Promise<void> {
    const response = await openStream(client, options.topic, cursor, stop.signal)
    enter({ state: 'live', since: now() })
    for await (const data of readEvents(response)) take(JSON.parse(data) as ServerMessage) // our own server wrote it
  }

  async function listen(): Promise<void> {
    for (let attempt = 0; !stop.signal.aborted; attempt += 1) {
      try {
        await listenOnce()
        attempt = 0
      } catch (error) {
        if (stop.signal.aborted) return
        if (isFinal(error)) return options.onError?.(error)
      }
      if (stop.signal.aborted) return
      enter({ state: status.state === 'live' ? 'connecting' : 'offline', since: now() })
      await wait(waitBeforeAttempt(attempt, random()), stop.signal)
    }
  }

  void listen()
  return () => stop.abort()
}

async function openStream(
  client: Client,
  topic: string,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const search = new URLSearchParams({ topic, ...(cursor === undefined ? {} : { after: cursor }) })
  const response = await client.fetch(`${client.baseUrl}${livePath}?${search.toString()}`, {
    headers: {
      accept: 'text/event-stream',
      ...(client.token === undefined ? {} : { authorization: `Bearer ${client.token}` }),
      ...(cursor === undefined ? {} : { 'last-event-id': cursor }),
    },
    signal,
  })
  if (!response.ok) throw await readError(response)
  return response
}

function isFinal(error: unknown): error is Error {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 429
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
