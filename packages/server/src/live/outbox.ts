/**
 * What one connection has still to be told, bounded.
 *
 *   buffered < `mergeBytes`   events are written at once
 *   above                     events wait here; those of one topic merge, log lines become counts
 *   waiting > `dropBytes`     the connection is given up with a reason; its client comes back with its cursors
 */
import type { HubEvent } from './ring.ts'
import { mergeEvents } from './merge-events.ts'

export const outboxLimits = { mergeBytes: 256 * 1024, dropBytes: 1024 * 1024 } as const

export type Transport = {
  /** Bytes written and not yet taken by the network. */
  bufferedBytes(): number
  /** `resumable`: everything up to this event has been told with it. */
  sendEvent(event: HubEvent, resumable: boolean): void
  drop(reason: string): void
}

export class Outbox {
  readonly #transport: Transport
  /** By topic, in order of the newest event in each. */
  readonly #waiting = new Map<string, HubEvent>()
  #waitingBytes = 0
  #dropped = false

  constructor(transport: Transport) {
    this.#transport = transport
  }

  push(event: HubEvent): void {
    if (this.#dropped) return
    this.flush()
    if (this.#waiting.size === 0 && this.#hasRoom()) return this.#transport.sendEvent(event, true)
    this.#wait(event)
    if (this.#waitingBytes + this.#transport.bufferedBytes() > outboxLimits.dropBytes) this.#drop()
  }

  /** Writes what waits, as far as there is room. Called whenever the network has taken something. */
  flush(): void {
    while (this.#waiting.size > 0 && this.#hasRoom()) {
      const [next] = this.#waiting.values()
      if (!next) return
      this.forget(next.topic)
      // Merged events overtake one another, so only the last one says how far everything was told.
      this.#transport.sendEvent(next, this.#waiting.size === 0)
    }
  }

  /** Drops what waits for `topic`: it is no longer subscribed. */
  forget(topic: string): void {
    const event = this.#waiting.get(topic)
    if (!event) return
    this.#waiting.delete(topic)
    this.#waitingBytes -= event.json.length
  }

  #hasRoom(): boolean {
    return this.#transport.bufferedBytes() < outboxLimits.mergeBytes
  }

  #wait(event: HubEvent): void {
    const older = this.#waiting.get(event.topic)
    this.forget(event.topic)
    const merged = older ? mergeInto(older, event) : event
    this.#waiting.set(event.topic, merged)
    this.#waitingBytes += merged.json.length
  }

  #drop(): void {
    this.#dropped = true
    this.#waiting.clear()
    this.#waitingBytes = 0
    this.#transport.drop('too slow: more than 1 MB was waiting to be taken')
  }
}

function mergeInto(older: HubEvent, newer: HubEvent): HubEvent {
  const data = mergeEvents(newer.topic, older.data, newer.data)
  return { topic: newer.topic, seq: newer.seq, data, json: JSON.stringify(data) }
}
