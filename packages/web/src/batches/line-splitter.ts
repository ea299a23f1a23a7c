/** Cuts bytes that come in pieces into lines, and knows where each stands in the file. Pure but for what it holds. */

export type FoundLine = { text: string; from: number; to: number }

const newline = 0x0a

export class LineSplitter {
  readonly #decoder = new TextDecoder()
  /** Pieces of a line whose end has not come. */
  #open: Uint8Array[] = []
  /** Where the next line begins. */
  #from: number
  #bytes: number

  /** @param from where in the file the first byte stands */
  constructor(from: number) {
    this.#from = from
    this.#bytes = from
  }

  /** Bytes of the file up to the end of the last whole line. */
  get offset(): number {
    return this.#from
  }

  /** Lines that are whole now, without empty ones. */
  push(bytes: Uint8Array): FoundLine[] {
    const found: FoundLine[] = []
    let start = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#open.push(bytes.subarray(start, end))
      this.#close(this.#bytes + end, 1, found)
      start = end + 1
    }
    if (start < bytes.length) this.#open.push(bytes.slice(start))
    this.#bytes += bytes.length
    return found
  }

  /** The last line, where no newline ends it. */
  end(): FoundLine[] {
    const found: FoundLine[] = []
    if (this.#open.length > 0) this.#close(this.#bytes, 0, found)
    return found
  }

  #close(to: number, ending: number, found: FoundLine[]): void {
    const text = this.#decode()
    if (text.trim() !== '') found.push({ text, from: this.#from, to })
    this.#open = []
    this.#from = to + ending
  }

  #decode(): string {
    const [only] = this.#open
    if (only && this.#open.length === 1) return this.#decoder.decode(only)
    const joined = new Uint8Array(this.#open.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const piece of this.#open) {
      joined.set(piece, at)
      at += piece.length
    }
    return this.#decoder.decode(joined)
  }
}
