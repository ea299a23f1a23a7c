/** What a launched job has printed since it was looked at: whole lines, and what they say in numbers. */
import type { StageEvent } from '@pilothouse/contract'
import { LineSplitter } from '@pilothouse/fleet'
import { builtInPatterns, readLine, startLogReader, type LogPoint, type LogReaderState } from '@pilothouse/signals'

export type OutputPart = {
  /** Bytes that are dealt with. */
  bytes: number
  lines: string[]
  /** The line under way; null: none. */
  open: string | null
  points: LogPoint[]
  stages: Omit<StageEvent, 'at'>[]
  totals: { totalSteps?: number; totalEpochs?: number }
}

/** Lines of one report. */
const linesMax = 2_000

/** Remembers between parts what earlier lines said: «Epoch 2/3» belongs to the loss below it. */
export class OutputFold {
  #reader: LogReaderState = startLogReader()

  /**
   * @param isWhole nothing follows: what stands without a line end is a line, too
   * @param isFull there is more, and no line may be longer than a part
   */
  read(bytes: Buffer, { isWhole, isFull }: { isWhole: boolean; isFull: boolean }): OutputPart {
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
    for (const line of lines) this.#take(line, part)
    return part
  }

  #take(line: string, part: OutputPart): void {
    const { state, points, stages, totals } = readLine(this.#reader, line, builtInPatterns)
    this.#reader = state
    part.points.push(...points)
    part.stages.push(...stages)
    Object.assign(part.totals, totals)
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
