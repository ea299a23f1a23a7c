/** The topics of one connection, between the hub and its outbox. */
import type { ServerMessage } from '@pilothouse/contract'
import { formatCursor } from './cursor.ts'
import type { Hub, Subscribed } from './hub.ts'
import { Outbox, type Transport } from './outbox.ts'
import type { HubEvent } from './ring.ts'

/** Topics of one connection. Beyond, a subscription is refused. */
export const topicsMax = 256

export type MessageSink = {
  hub: Hub
  transport: Transport
  /** Sends what is not an event. */
  send(message: ServerMessage): void
}

export class Subscriptions {
  readonly outbox: Outbox
  readonly #sink: MessageSink
  readonly #undo = new Map<string, () => void>()

  constructor(sink: MessageSink) {
    this.#sink = sink
    this.outbox = new Outbox(sink.transport)
  }

  get full(): boolean {
    return this.#undo.size >= topicsMax
  }

  /**
   * Subscribes to `topics`, each after the cursor `after`. What was missed is sent in one order over all topics, so that
   * the cursor of each event holds for all of them.
   */
  subscribe(topics: readonly string[], after?: string): void {
    const { hub, send } = this.#sink
    const missed: HubEvent[] = []
    for (const topic of topics) {
      this.unsubscribe(topic)
      const begun: Subscribed = hub.subscribe(topic, (event) => this.outbox.push(event), after)
      this.#undo.set(topic, begun.unsubscribe)
      if (begun.missed) missed.push(...begun.missed)
      send({ type: begun.missed ? 'subscribed' : 'reset', topic, cursor: begun.cursor })
    }
    for (const event of missed.toSorted((left, right) => left.seq - right.seq)) this.outbox.push(event)
  }

  unsubscribe(topic: string): void {
    this.#undo.get(topic)?.()
    this.#undo.delete(topic)
    this.outbox.forget(topic)
  }

  close(): void {
    for (const topic of this.#undo.keys()) this.unsubscribe(topic)
  }
}

/** An event as the message that it travels in; its data is JSON already. */
export function writeEvent({ topic, seq, json }: HubEvent, epoch: string): string {
  const cursor = formatCursor({ epoch, seq })
  return `{"type":"event","topic":${JSON.stringify(topic)},"cursor":"${cursor}","data":${json}}`
}
