/**
 * One side of a comparison: what was read so far of a batch's answers and errors, or of a file. Lives outside of React;
 * reading goes in steps, so that a file of a million lines is never held as a whole unless somebody wants more and more.
 */
import { type ReadLines, readLines, readRange } from './read-lines.ts'
import { type LineForm, type ResultLine, readResultLine } from './result-line.ts'

/** One step of reading, of all files of a source. */
const stepLines = 20_000
const stepBytes = 24 * 1024 * 1024
/** What a page holds of one source; beyond, the file itself is to be downloaded. */
const heldLinesMax = 200_000
const heldBytesMax = 192 * 1024 * 1024
/** Changes are told so often at most, ms: each lets the whole table be joined anew. */
const tellEveryMs = 400

export type SourcePart = { open: ReadLines['open']; isFinal: boolean; form: LineForm }
export type SourceState = {
  lines: readonly ResultLine[]
  readBytes: number
  /** null where the server does not tell it. */
  totalBytes: number | null
  /** Lines that are no results. */
  strange: number
  isReading: boolean
  /** All files have been read to their end, and none grows any more. */
  isWhole: boolean
  /** No more is held. */
  isFull: boolean
  error: string | undefined
}

type Progress = { offset: number; lines: number; totalBytes: number | null; isAtEnd: boolean }

export class ResultSource {
  readonly #parts: readonly SourcePart[]
  readonly #progress: Progress[]
  readonly #listeners = new Set<() => void>()
  readonly #lines: ResultLine[] = []
  #strange = 0
  #current: { signal: AbortSignal; done: Promise<void> } | undefined
  #error: string | undefined
  #state: SourceState
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: readonly SourcePart[]) {
    this.#parts = parts
    this.#progress = parts.map(() => ({ offset: 0, lines: 0, totalBytes: null, isAtEnd: false }))
    this.#state = this.#describe()
  }

  readonly state = (): SourceState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads the next step; a call while one is read does nothing. What goes wrong stands in the state. */
  async readOn(signal: AbortSignal): Promise<void> {
    const before = this.#current
    if ((before && !before.signal.aborted) || this.#state.isFull) return
    const own = { signal, done: this.#read(signal, before?.done) }
    this.#current = own
    await own.done
    if (this.#current === own) this.#current = undefined
    this.#tell()
  }

  /** After the one before, which was stopped: both would keep the same lines. */
  async #read(signal: AbortSignal, before: Promise<void> | undefined): Promise<void> {
    await before
    this.#error = undefined
    this.#tell()
    try {
      await this.#readStep(signal)
    } catch (fault) {
      if (!signal.aborted) this.#error = fault instanceof Error ? fault.message : String(fault)
    }
  }

  /** A line as it stands in its file. @throws Error where the server does not hand it out */
  async readRaw({ place: { part, from, to } }: ResultLine, signal: AbortSignal): Promise<string> {
    const file = this.#parts[part]
    if (!file) throw new Error('The file of this line is not known.')
    return readRange(file.open, from, to, signal)
  }

  async #readStep(signal: AbortSignal): Promise<void> {
    let [lines, bytes] = [stepLines, stepBytes]
    for (const [part, { open, isFinal, form }] of this.#parts.entries()) {
      const progress = this.#progress[part]
      if (!progress || (progress.isAtEnd && isFinal) || lines <= 0 || bytes <= 0) continue
      const begin = progress.offset
      progress.isAtEnd = await readLines({
        open,
        isFinal,
        signal,
        from: begin,
        budget: { lines, bytes },
        onLines: (found, offset, totalBytes) => {
          for (const { text, from, to } of found) {
            progress.lines += 1
            this.#keep(readResultLine(text, { place: { part, from, to }, form, number: progress.lines }))
          }
          lines -= found.length
          progress.offset = offset
          progress.totalBytes = totalBytes ?? progress.totalBytes
          this.#tellSoon()
        },
      })
      bytes -= progress.offset - begin
    }
  }

  #keep(line: ResultLine | undefined): void {
    if (line) this.#lines.push(line)
    else this.#strange += 1
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), tellEveryMs)
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#state = this.#describe()
    for (const listener of this.#listeners) listener()
  }

  #describe(): SourceState {
    const totals = this.#progress.map(({ totalBytes }) => totalBytes)
    const readBytes = this.#progress.reduce((sum, { offset }) => sum + offset, 0)
    const isWhole = this.#parts.every(({ isFinal }, at) => isFinal && this.#progress[at]?.isAtEnd === true)
    return {
      lines: [...this.#lines],
      readBytes,
      totalBytes: totals.includes(null) ? null : totals.reduce((sum: number, bytes) => sum + (bytes ?? 0), 0),
      strange: this.#strange,
      isReading: this.#current !== undefined,
      isWhole,
      isFull: !isWhole && (this.#lines.length >= heldLinesMax || readBytes >= heldBytesMax),
      error: this.#error,
    }
  }
}
