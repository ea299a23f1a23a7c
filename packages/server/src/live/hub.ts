/**
 * Live updates on their way from the storage to whoever watches. Each topic that is watched, or was a minute ago, has a
 * ring of its newest events, so that a subscriber that was cut off can go on where it was. The storage works out the
 * updates of exactly these topics.
 *
 *   nobody ──subscribe──▶ watched ──last unsubscribe──▶ lingering ──60 s──▶ nobody (ring dropped)
 *                            ▲──────────subscribe──────────┘
 */
import { randomBytes } from 'node:crypto'
import type { LiveUpdate } from '../storage/storage-client.ts'
import { formatCursor, parseCursor } from './cursor.ts'
import { type HubEvent, Ring } from './ring.ts'

/** How long a topic is kept for a subscriber that may come back. */
export const lingerMs = 60_000
/** Bytes in all rings; at the bound the topic that grows gives up its own oldest. */
const totalBytesMax = 64 * 1024 * 1024

export type HubOptions = {
  /** Tells the storage what is watched. */
  watch: (topics: readonly string[]) => void
  /** Calls back after so many ms; returns its undo. */
  delay?: (work: () => void, ms: number) => () => void
  epoch?: string
}

export type Subscriber = (event: HubEvent) => void

/** How a subscription began: where it stands, and what was missed, or that too much was missed. */
export type Subscribed = {
  cursor: string
  /** undefined: the cursor that was named cannot be continued. */
  missed: HubEvent[] | undefined
  unsubscribe: () => void
}

type TopicRoom = { ring: Ring; subscribers: Set<Subscriber>; cancelRemoval: (() => void) | undefined }

export class Hub {
  readonly epoch: string
  readonly #options: Required<HubOptions>
  readonly #topics = new Map<string, TopicRoom>()
  #seq = 0
  #bytes = 0

  constructor(options: HubOptions) {
    this.#options = { delay: delayUnref, epoch: randomBytes(6).toString('hex'), ...options }
    this.epoch = this.#options.epoch
  }

  /** Subscriptions, over all topics. */
  get subscriberCount(): number {
    return [...this.#topics.values()].reduce((sum, { subscribers }) => sum + subscribers.size, 0)
  }

  /** How much it holds, for whoever looks after the server. */
  measure(): { subscribers: number; topics: number; ringBytes: number; ringBytesMax: number } {
    const [topics, ringBytes] = [this.#topics.size, this.#bytes]
    return { subscribers: this.subscriberCount, topics, ringBytes, ringBytesMax: totalBytesMax }
  }

  /** Where the hub stands now. */
  get cursor(): string {
    return formatCursor({ epoch: this.epoch, seq: this.#seq })
  }

  /** From now on `subscriber` gets every event of `topic`; those after the cursor `after` are in the answer. */
  subscribe(topic: string, subscriber: Subscriber, after?: string): Subscribed {
    const known = this.#topics.get(topic)
    const room = known ?? this.#open(topic)
    room.cancelRemoval?.()
    room.cancelRemoval = undefined
    const own: Subscriber = (event) => subscriber(event)
    room.subscribers.add(own)
    const unsubscribe = () => this.#leave(topic, room, own)
    if (after === undefined) return { cursor: this.cursor, missed: [], unsubscribe }
    const missed = this.#listMissed(room, after)
    return { cursor: missed ? after : this.cursor, missed, unsubscribe }
  }

  /** Hands updates on, in their order. Those of topics that nobody watches are dropped. */
  publish(updates: readonly LiveUpdate[]): void {
    for (const { topic, data } of updates) {
      const room = this.#topics.get(topic)
      if (room) this.#emit(room, topic, data)
    }
  }

  #emit(room: TopicRoom, topic: string, data: unknown): void {
    this.#seq += 1
    const event = { topic, seq: this.#seq, data, json: JSON.stringify(data) }
    const before = room.ring.bytes
    room.ring.push(event)
    this.#bytes += room.ring.bytes - before
    while (this.#bytes > totalBytesMax && room.ring.bytes > 0) this.#shrink(room.ring)
    for (const subscriber of room.subscribers) subscriber(event)
  }

  #shrink(ring: Ring): void {
    const before = ring.bytes
    ring.dropOldest()
    this.#bytes -= before - ring.bytes
  }

  #listMissed({ ring }: TopicRoom, after: string): HubEvent[] | undefined {
    const cursor = parseCursor(after)
    return cursor?.epoch === this.epoch && cursor.seq <= this.#seq ? ring.listAfter(cursor.seq) : undefined
  }

  #open(topic: string): TopicRoom {
    const room = { ring: new Ring(this.#seq), subscribers: new Set<Subscriber>(), cancelRemoval: undefined }
    this.#topics.set(topic, room)
    this.#tellStorage()
    return room
  }

  #leave(topic: string, room: TopicRoom, subscriber: Subscriber): void {
    if (!room.subscribers.delete(subscriber) || room.subscribers.size > 0) return
    room.cancelRemoval = this.#options.delay(() => {
      this.#topics.delete(topic)
      this.#bytes -= room.ring.bytes
      this.#tellStorage()
    }, lingerMs)
  }

  #tellStorage(): void {
    this.#options.watch([...this.#topics.keys()])
  }
}

/** Does not keep the process alive. */
function delayUnref(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
