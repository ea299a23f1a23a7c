/** The newest events of one topic. What it holds is complete: every event of the topic with a seq above `since`. */
export type HubEvent = {
  topic: string
  seq: number
  data: unknown
  /** `data` as JSON: written once for all subscribers. */
  json: string
}

export const ringEventsMax = 1_024
export const ringBytesMax = 2 * 1024 * 1024

export class Ring {
  #events: HubEvent[] = []
  #bytes = 0
  #since: number

  /** @param since the hub's seq when the topic began to be kept. */
  constructor(since: number) {
    this.#since = since
  }

  get bytes(): number {
    return this.#bytes
  }

  push(event: HubEvent): void {
    this.#events.push(event)
    this.#bytes += event.json.length
    while (this.#events.length > ringEventsMax || (this.#bytes > ringBytesMax && this.#events.length > 0))
      this.dropOldest()
  }

  dropOldest(): void {
    const oldest = this.#events.shift()
    if (!oldest) return
    this.#bytes -= oldest.json.length
    this.#since = oldest.seq
  }

  /** Everything after `seq`, or undefined when some of it is gone. */
  listAfter(seq: number): HubEvent[] | undefined {
    return seq < this.#since ? undefined : this.#events.filter((event) => event.seq > seq)
  }
}
