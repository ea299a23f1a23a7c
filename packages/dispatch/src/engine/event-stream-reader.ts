/**
 * Reads `text/event-stream` (the format: HTML standard, «Server-sent events»), whose bytes may be cut anywhere: inside of a
 * character, between CR and LF, in the middle of a field. Comments and the fields `id` and `retry` are passed over.
 */
export type ServerEvent = {
  /** Its field `event`; empty without one. */
  name: string
  /** Its lines of data, joined by line feeds. */
  data: string
}

export class EventStreamReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  /** Of a line whose end has not come. */
  #rest = ''
  /** A CR ended what came last: an LF that follows belongs to it. */
  #isBehindReturn = false
  #name = ''
  #data: string[] = []

  /**
   * The events that are whole with these bytes.
   * @throws TypeError where the bytes are not UTF-8.
   */
  push(bytes: Uint8Array): ServerEvent[] {
    return this.#read(this.#decoder.decode(bytes, { stream: true }))
  }

  /**
   * What stands at the end without its empty line. The standard would drop it; some engines leave that line out behind `[DONE]`.
   * @throws TypeError where the stream ends inside of a character.
   */
  finish(): ServerEvent[] {
    const events = this.#read(this.#decoder.decode())
    const line = this.#rest
    this.#rest = ''
    return [...events, ...this.#takeLine(line), ...this.#takeLine('')]
  }

  /** UTF-16 units that wait for the end of their line or of their event. */
  get waiting(): number {
    return this.#data.reduce((sum, line) => sum + line.length, this.#rest.length)
  }

  #read(text: string): ServerEvent[] {
    const events: ServerEvent[] = []
    let start = this.#isBehindReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.#isBehindReturn = false
    const ends = /\r\n|\r|\n/g
    ends.lastIndex = start
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      events.push(...this.#takeLine(this.#rest + text.slice(start, end.index)))
      this.#rest = ''
      start = ends.lastIndex
      this.#isBehindReturn = end[0] === '\r' && start === text.length
    }
    this.#rest += text.slice(start)
    return events
  }

  /** An empty line ends an event; one without data is none. */
  #takeLine(line: string): ServerEvent[] {
    if (line !== '') {
      this.#takeField(line)
      return []
    }
    const event = { name: this.#name, data: this.#data.join('\n') }
    const isEvent = this.#data.length > 0
    this.#name = ''
    this.#data = []
    return isEvent ? [event] : []
  }

  #takeField(line: string): void {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.#data.push(value)
    if (field === 'event') this.#name = value
  }
}
