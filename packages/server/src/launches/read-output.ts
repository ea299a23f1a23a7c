/** What a launched job has printed since it was looked at: whole lines, and what they say in numbers. */
import type { StageEvent } from '@pilothouse/contract'
import { LineSplitter } from '@pilothouse/fleet'
import {
  builtInPatterns,
  type HeldReadings,
  holdReadings,
  type LogPoint,
  type LogReaderState,
  nothingHeld,
  readLine,
  type SdkWord,
  startLogReader,
  type TimedReading,
} from '@pilothouse/signals'

/** `at`: when the line was read, ms since 1970. */
export type OutputPoint = LogPoint & { at: number }

export type OutputPart = {
  /** Bytes that are dealt with. */
  bytes: number
  lines: string[]
  /** The line under way; null: none. */
  open: string | null
  points: OutputPoint[]
  stages: StageEvent[]
  totals: { totalSteps?: number; totalEpochs?: number }
}

/** Lines of one report. */
const linesMax = 2_000
/** What a job reports itself comes by another way than what it prints, and rarely so much later, ms. */
const graceMs = 10_000

export type OutputEvent = {
  /** Nothing follows: what stands without a line end is a line, too. */
  isWhole: boolean
  /** There is more, and no line may be longer than a part. */
  isFull: boolean
  /** What is known of the SDK in the job. */
  word: SdkWord
  /** ms since 1970 */
  now: number
}
export type OutputState = { reader: LogReaderState; held: HeldReadings }

/**
 * Remembers between parts what earlier lines said: «Epoch 2/3» belongs to the loss below it. Numbers are held until it is
 * clear that the job does not report the same ones itself.
 */
export class OutputFold {
  #state: OutputState = { reader: startLogReader(), held: nothingHeld }

  /** What is remembered; set back where a part could not be stored and will be read again. */
  get state(): OutputState {
    return this.#state
  }
  set state(state: OutputState) {
    this.#state = state
  }

  read(bytes: Buffer, { isWhole, isFull, word, now }: OutputEvent): OutputPart {
    const { end, isCut } = findEnd(bytes)
    const taken = !isCut && (isWhole || (end === 0 && isFull)) ? bytes.length : end
    const splitter = new LineSplitter()
    const lines = splitter.push(bytes.subarray(0, taken))
    if (taken > end) lines.push(...splitter.end())
    const part: OutputPart = {
      bytes: taken,
      lines,
      open: isCut ? null : readOpen(bytes.subarray(taken)),
      points: [],
      stages: [],
      totals: {},
    }
    const readings = lines.flatMap((line): TimedReading[] => {
      const reading = readLine(this.#state.reader, line, builtInPatterns)
      this.#state = { ...this.#state, reader: reading.state }
      Object.assign(part.totals, reading.totals)
      return reading.points.length + reading.stages.length === 0 ? [] : [{ reading, time: now }]
    })
    const { next, passed } = holdReadings(this.#state.held, { readings, word, now, graceMs, isEnd: isWhole && !isCut })
    this.#state = { ...this.#state, held: next }
    for (const { reading, time } of passed) {
      part.points.push(...reading.points.map((point) => ({ ...point, at: time })))
      part.stages.push(...reading.stages.map((stage) => ({ ...stage, at: time })))
    }
    return part
  }
}

/** Behind the last line end, or behind that of the last line that one report takes. */
function findEnd(bytes: Buffer): { end: number; isCut: boolean } {
  let end = 0
  for (let count = 0; count < linesMax; count += 1) {
    const at = bytes.indexOf(10, end)
    if (at < 0) return { end, isCut: false }
    end = at + 1
  }
  return { end, isCut: true }
}

function readOpen(bytes: Buffer): string | null {
  if (bytes.length === 0) return null
  const splitter = new LineSplitter()
  splitter.push(bytes)
  return splitter.open
}
