/** Finds lines in bytes that come in pieces of any size. */

export type RawLine = {
  /** From 1; blank lines count. */
  line: number
  /** Where `bytes` begins in the file. */
  offset: number
  /** Bytes of the line in the file, without its line feed. */
  length: number
  /** Without byte order mark and line end, valid until the next line; null when the line is longer than one may be. */
  bytes: Buffer | null
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf)
const nothing = Buffer.alloc(0)

/** Holds at most one unfinished line, and none that is longer than `lineBytesMax`. Blank lines are left out. */
export class LineSplitter {
  readonly #lineBytesMax: number
  #held: Buffer[] = []
  #heldBytes = 0
  #offset = 0
  #lineCount = 0

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax
  }

  /** Lines that have begun so far, blank ones too. */
  get lineCount(): number {
    return this.#lineCount + (this.#heldBytes > 0 ? 1 : 0)
  }

  /** The lines that end in these bytes. They have to be taken to the end; `chunk` may be overwritten afterwards. */
  *push(chunk: Buffer): Generator<RawLine> {
    let from = this.#heldBytes > 0 ? 0 : this.#skipEmpty(chunk, 0)
    for (let end = chunk.indexOf(lineFeed, from); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      const line = this.#close(chunk.subarray(from, end))
      if (line) yield line
      from = this.#skipEmpty(chunk, end + 1)
    }
    this.#hold(chunk.subarray(from))
  }

  /** The last line, where no line feed ends it. */
  *end(): Generator<RawLine> {
    const line = this.#heldBytes > 0 ? this.#close(nothing) : null
    if (line) yield line
  }

  /** Empty lines in a row: a file of 200 MB may have as many, and each would cost as much as one with a request. */
  #skipEmpty(chunk: Buffer, from: number): number {
    let at = from
    while (chunk[at] === lineFeed) at += 1
    this.#offset += at - from
    this.#lineCount += at - from
    return at
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length
    if (this.#heldBytes > this.#lineBytesMax) this.#held = []
    else if (part.length > 0) this.#held.push(Buffer.from(part))
  }

  #close(last: Buffer): RawLine | null {
    const length = this.#heldBytes + last.length
    const offset = this.#offset
    const isTooLong = length > this.#lineBytesMax
    const whole = isTooLong ? null : this.#held.length === 0 ? last : Buffer.concat([...this.#held, last])
    this.#held = []
    this.#heldBytes = 0
    this.#offset += length + 1
    this.#lineCount += 1
    if (whole === null) return { line: this.#lineCount, offset, length, bytes: null }
    const mark = offset === 0 && whole.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
    const bytes = whole.subarray(mark, whole.at(-1) === carriageReturn ? -1 : undefined)
    return isBlank(bytes) ? null : { line: this.#lineCount, offset: offset + mark, length, bytes }
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === carriageReturn)
}
