/**
 * What was asked, out of the file of requests of a batch. Where a request stands in it is known only once the file was read that
 * far: it is read on from where the last search has stopped, places are kept, and bodies are not.
 */
import { readRequest } from '@pilothouse/signals'
import { type ReadLines, readLines, readRange } from './read-lines.ts'

type Place = { from: number; to: number }

/** Looked through at most: a search further back in a file would hold up the browser. */
const searchedBytesMax = 64 * 1024 * 1024
/** Between two looks at whether it was found. */
const step = { lines: 20_000, bytes: 4 * 1024 * 1024 }

export class PromptSource {
  readonly #open: ReadLines['open']
  readonly #bytesMax: number
  readonly #places = new Map<string, Place>()
  #offset = 0
  #isWhole = false

  constructor(open: ReadLines['open'], bytesMax = searchedBytesMax) {
    this.#open = open
    this.#bytesMax = bytesMax
  }

  /**
   * null: it does not stand in the part of the file that is looked through.
   * @throws Error where the server does not hand the file out, as one that was deleted; AbortError once the signal says so
   */
  async find(customId: string, signal: AbortSignal): Promise<string | null> {
    while (!this.#places.has(customId) && !this.#isWhole && this.#offset < this.#bytesMax) await this.#readOn(signal)
    const place = this.#places.get(customId)
    if (!place) return null
    return readRequest(await readRange(this.#open, place.from, place.to, signal))?.text ?? null
  }

  /** Two searches at a time may read the same part: each finds the same. */
  async #readOn(signal: AbortSignal): Promise<void> {
    const isAtEnd = await readLines({
      open: this.#open,
      from: this.#offset,
      budget: step,
      isFinal: true,
      signal,
      onLines: (lines, offset) => {
        for (const { text, from, to } of lines) {
          const asked = readRequest(text)
          if (asked) this.#places.set(asked.customId, { from, to })
        }
        this.#offset = Math.max(this.#offset, offset)
      },
    })
    this.#isWhole ||= isAtEnd
  }
}
