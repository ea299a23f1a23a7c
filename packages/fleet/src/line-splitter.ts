/**
 * Bytes of a program's output into lines. UTF-8 is decoded across the borders of chunks, what is no UTF-8 becomes U+FFFD;
 * of a line that redraws itself by carriage returns the last state stays; a line longer than the wire takes is cut, with
 * a mark. Memory is bounded by one line.
 */
import { limits } from '@pilothouse/contract/wire'

/** Room for the mark behind a line that was cut, bytes. */
const markBytes = 48

export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  readonly #bytesMax: number
  #text = ''
  /** A carriage return was the last character: the next one begins the line anew. */
  #returned = false
  #redrawn = false
  #cutBytes = 0
  #begun = false

  constructor(lineBytesMax: number = limits.logLineBytesMax) {
    this.#bytesMax = lineBytesMax
  }

  /** The whole lines that these bytes complete, without their line ends. */
  push(bytes: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }))
  }

  /** The last line, if the output ended without a line end. */
  end(): string[] {
    const lines = this.#take(this.#decoder.decode())
    return this.#begun ? [...lines, this.#finishLine()] : lines
  }

  /** The line under way, or null when there is none. */
  get open(): string | null {
    return this.#begun ? this.#render() : null
  }

  /**
   * Whether a carriage return was in the line under way: each of its states is drawn at once, so what stands is whole. Any
   * other line may have come in part («loss=0.» of «loss=0.25»), and is known at its end.
   */
  get redrawn(): boolean {
    return this.#redrawn
  }

  #take(text: string): string[] {
    const lines: string[] = []
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.#append(text.slice(from, at))
      lines.push(this.#finishLine())
      from = at + 1
    }
    this.#append(text.slice(from))
    return lines
  }

  #append(part: string): void {
    if (part === '') return
    this.#begun = true
    let end = part.length
    while (end > 0 && part.charCodeAt(end - 1) === 13) end -= 1
    if (end > 0) this.#write(part.slice(0, end))
    if (end < part.length) {
      this.#returned = true
      this.#redrawn = true
    }
  }

  #write(body: string): void {
    const start = body.lastIndexOf('\r') + 1
    if (start > 0 || this.#returned) {
      this.#text = ''
      this.#cutBytes = 0
      this.#returned = false
      this.#redrawn = true
    }
    // A character has at least one byte, so nothing that fits is lost here.
    const room = Math.max(0, this.#bytesMax - this.#text.length)
    const visible = body.slice(start)
    this.#text += visible.slice(0, room)
    if (visible.length > room) this.#cutBytes += Buffer.byteLength(visible.slice(room))
  }

  #finishLine(): string {
    const line = this.#render()
    this.#text = ''
    this.#cutBytes = 0
    this.#returned = false
    this.#redrawn = false
    this.#begun = false
    return line
  }

  #render(): string {
    const bytes = Buffer.byteLength(this.#text)
    if (this.#cutBytes === 0 && bytes <= this.#bytesMax) return this.#text
    const kept = cutToBytes(this.#text, Math.max(0, this.#bytesMax - markBytes))
    return `${kept} … [${bytes + this.#cutBytes - Buffer.byteLength(kept)} bytes cut]`
  }
}

/** The longest beginning that has at most so many bytes, without half a character. */
function cutToBytes(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax))
  return text.slice(0, read)
}
