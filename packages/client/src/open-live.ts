/**
 * The live stream over one WebSocket, for pages: many topics, each with its cursor, kept over losses of the line.
 *
 *   connecting ── hello ──▶ live ── closed, or silent too long ──▶ connecting ── an attempt failed ──▶ offline
 *                             ▲                                        │                                 │
 *                             └──────────────────────── hello ─────────┴─────────────────────────────────┘
 */
import type { ClientMessage, ServerMessage } from '@pilothouse/contract'
import { livePath } from '@pilothouse/contract/wire'
import type { Client } from './create-client.ts'
import { type LiveStatus, type TopicData, type TopicHandlers, waitBeforeAttempt } from './live.ts'

/** A ping after so long, and after twice so long without any message the line is taken for dead. */
const pingEveryMs = 10_000

export type Live = {
  /** Listens to a topic; returns its undo. */
  subscribe<Name extends string>(topic: Name, handlers: TopicHandlers<TopicData<Name>>): () => void
  status(): LiveStatus
  onStatus(listener: (status: LiveStatus) => void): () => void
  /** Local clock at the last message of any kind, ms; null before the first. */
  heardAt(): number | null
  /** Server's clock minus ours, ms. */
  clockOffset(): number
  /** Tries at once instead of waiting for the next attempt; begins, where the line waits for its first. */
  reconnect(): void
  close(): void
}

export type LiveOptions = {
  /** Opens nothing before the first `reconnect`: for a page where nobody is signed in yet. */
  waits?: boolean
  /**
   * Events wait so long for others, ms, and are handed over together, in the order in which they came: what arrives of
   * several topics at about the same time then makes one picture instead of several. 0 (default): at once.
   */
  gatherMs?: number
  openSocket?: (url: string) => WebSocket
  now?: () => number
  random?: () => number
}

type Subscription = { cursor: string | undefined; standing: boolean; handlers: Set<TopicHandlers<unknown>> }

/** Opens the line and keeps it open until `close`. */
export function openLive(client: Client, options: LiveOptions = {}): Live {
  return new LiveLine(socketUrl(client.baseUrl), {
    openSocket: (url) => new WebSocket(url),
    now: Date.now,
    random: Math.random,
    waits: false,
    gatherMs: 0,
    ...options,
  })
}

class LiveLine implements Live {
  readonly #url: string
  readonly #options: Required<LiveOptions>
  readonly #topics = new Map<string, Subscription>()
  readonly #listeners = new Set<(status: LiveStatus) => void>()
  readonly #undo: () => void
  #socket: WebSocket | undefined
  #status: LiveStatus
  #heardAt: number | null = null
  #clockOffset = 0
  #attempt = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #pingTimer: ReturnType<typeof setInterval> | undefined
  #gathered: ServerMessage[] = []
  #gatherTimer: ReturnType<typeof setTimeout> | undefined
  #closed = false
  #begun: boolean

  constructor(url: string, options: Required<LiveOptions>) {
    this.#url = url
    this.#options = options
    this.#status = { state: 'connecting', since: options.now() }
    this.#begun = !options.waits
    this.#undo = watchSurroundings(() => this.#begun && this.reconnect())
    if (this.#begun) this.#connect()
  }

  subscribe<Name extends string>(topic: Name, handlers: TopicHandlers<TopicData<Name>>): () => void {
    const mine = handlers as TopicHandlers<unknown> // the topic's name decides the type of what arrives under it
    const known = this.#topics.get(topic)
    if (known) {
      known.handlers.add(mine)
      if (known.standing) queueMicrotask(() => known.handlers.has(mine) && mine.onReset())
    } else {
      this.#topics.set(topic, { cursor: undefined, standing: false, handlers: new Set([mine]) })
      this.#send({ type: 'subscribe', topic })
    }
    return () => this.#unsubscribe(topic, mine)
  }

  status(): LiveStatus {
    return this.#status
  }

  onStatus(listener: (status: LiveStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  heardAt(): number | null {
    return this.#heardAt
  }

  clockOffset(): number {
    return this.#clockOffset
  }

  reconnect(): void {
    this.#begun = true
    if (this.#closed || this.#status.state === 'live' || this.#socket) return
    clearTimeout(this.#retryTimer)
    this.#connect()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retryTimer)
    clearInterval(this.#pingTimer)
    clearTimeout(this.#gatherTimer)
    this.#undo()
    this.#socket?.close()
    this.#socket = undefined
  }

  #connect(): void {
    const socket = this.#options.openSocket(this.#url)
    this.#socket = socket
    socket.addEventListener('message', (event: MessageEvent) => {
      if (this.#socket === socket) this.#take(String(event.data))
    })
    socket.addEventListener('close', () => this.#lose(socket))
    socket.addEventListener('error', () => this.#lose(socket))
  }

  #lose(socket: WebSocket): void {
    if (this.#socket !== socket || this.#closed) return
    this.#socket = undefined
    clearInterval(this.#pingTimer)
    this.#handOver()
    socket.close()
    const wasLive = this.#status.state === 'live'
    this.#enter(
      wasLive
        ? { state: 'connecting', since: this.#heardAt ?? this.#options.now() }
        : { ...this.#status, state: 'offline' },
    )
    const wait = waitBeforeAttempt(this.#attempt, this.#options.random())
    this.#attempt += 1
    this.#retryTimer = setTimeout(() => this.#connect(), wait)
  }

  #take(text: string): void {
    this.#heardAt = this.#options.now()
    const message = JSON.parse(text) as ServerMessage // our own server wrote it
    this.#gathered.push(message)
    const { gatherMs } = this.#options
    if (message.type !== 'event' || gatherMs === 0) this.#handOver()
    else this.#gatherTimer ??= setTimeout(() => this.#handOver(), gatherMs)
  }

  #handOver(): void {
    clearTimeout(this.#gatherTimer)
    this.#gatherTimer = undefined
    const messages = this.#gathered
    this.#gathered = []
    for (const message of messages) this.#handle(message)
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        return this.#begin(message.time)
      case 'subscribed':
        return this.#stand(message.topic, message.cursor)
      case 'event':
        return this.#deliver(message.topic, message.cursor, message.data)
      case 'reset':
        return this.#reset(message.topic, message.cursor)
      case 'pong':
      case 'error':
        return undefined
      default:
        return message satisfies never
    }
  }

  #begin(serverTime: number): void {
    const now = this.#options.now()
    this.#clockOffset = serverTime - now
    this.#attempt = 0
    for (const [topic, { cursor }] of this.#topics) {
      this.#send({ type: 'subscribe', topic, ...(cursor === undefined ? {} : { after: cursor }) })
    }
    clearInterval(this.#pingTimer)
    this.#pingTimer = setInterval(() => this.#ping(), pingEveryMs)
    this.#enter({ state: 'live', since: now })
  }

  #ping(): void {
    const silentMs = this.#options.now() - (this.#heardAt ?? 0)
    if (silentMs > 2 * pingEveryMs && this.#socket) this.#lose(this.#socket)
    else this.#send({ type: 'ping' })
  }

  #stand(topic: string, cursor: string): void {
    const subscription = this.#topics.get(topic)
    if (!subscription) return
    subscription.cursor ??= cursor
    if (subscription.standing) return
    subscription.standing = true
    for (const { onReset } of subscription.handlers) onReset()
  }

  #deliver(topic: string, cursor: string, data: unknown): void {
    const subscription = this.#topics.get(topic)
    if (!subscription) return
    subscription.cursor = cursor
    for (const { onEvent } of subscription.handlers) onEvent(data, cursor)
  }

  #reset(topic: string, cursor: string): void {
    const subscription = this.#topics.get(topic)
    if (!subscription) return
    subscription.cursor = cursor
    subscription.standing = true
    for (const { onReset } of subscription.handlers) onReset()
  }

  #enter(status: LiveStatus): void {
    if (status.state === this.#status.state) return
    this.#status = status
    for (const listener of this.#listeners) listener(status)
    for (const { handlers } of this.#topics.values()) for (const { onStatus } of handlers) onStatus?.(status)
  }

  #unsubscribe(topic: string, handlers: TopicHandlers<unknown>): void {
    const subscription = this.#topics.get(topic)
    if (!subscription?.handlers.delete(handlers) || subscription.handlers.size > 0) return
    this.#topics.delete(topic)
    this.#send({ type: 'unsubscribe', topic })
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message))
  }
}

/** A page that comes back, or a machine that is online again, should not wait for the next attempt. */
function watchSurroundings(wake: () => void): () => void {
  const page: Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> = globalThis as typeof globalThis &
    Partial<EventTarget> // in a browser it is an EventTarget, in Node it is not
  const { document: sheet } = globalThis as { document?: EventTarget } // only a browser has one
  page.addEventListener?.('online', wake)
  sheet?.addEventListener('visibilitychange', wake)
  return () => {
    page.removeEventListener?.('online', wake)
    sheet?.removeEventListener('visibilitychange', wake)
  }
}

function socketUrl(baseUrl: string): string {
  const { location } = globalThis as { location?: { href: string } } // only a browser has one
  return new URL(baseUrl + livePath, location?.href).href.replace(/^http/, 'ws')
}
