import type { Reporter } from '@pilothouse/client'
import type { LogStream } from '@pilothouse/contract'
import { LineSplitter } from '@pilothouse/fleet'
import { type LogPattern, type LogReading, readLine, startLogReader } from '@pilothouse/signals'
import { ParserHold } from './parser-hold.ts'
import type { SdkWord } from '@pilothouse/signals'

/** How often a line under way (a progress bar) is looked at, ms. */
const openLineEveryMs = 250

/**
 * Turns the output of a program into log lines, and what those lines say into points, stages and totals. The two streams
 * are read as one text, as a person at a terminal does.
 */
export class OutputReader {
  readonly #reporter: Reporter
  readonly #now: () => number
  readonly #patterns: readonly LogPattern[]
  readonly #splitters: Record<LogStream, LineSplitter> = { stdout: new LineSplitter(), stderr: new LineSplitter() }
  readonly #openShownAt: Record<LogStream, number> = { stdout: 0, stderr: 0 }
  /** State of the line under way that was read last: it counts once, also when the line ends with it. */
  readonly #openRead: Record<LogStream, string | null> = { stdout: null, stderr: null }
  readonly #hold: ParserHold
  #reader = startLogReader()
  #lines = 0

  /** `listen`: what the SDK inside the program says, if it is there. */
  constructor(
    reporter: Reporter,
    { now, patterns, listen }: { now: () => number; patterns: readonly LogPattern[]; listen: () => SdkWord },
  ) {
    this.#reporter = reporter
    this.#now = now
    this.#patterns = patterns
    this.#hold = new ParserHold({ listen, pass: ({ reading, time }) => this.#tell(reading, time) })
  }

  /** Whole lines so far. */
  get lines(): number {
    return this.#lines
  }

  /** Where the run stands by its own words; 0 before it has said. */
  get step(): number {
    return this.#reader.step ?? 0
  }

  push(stream: LogStream, bytes: Uint8Array): void {
    const splitter = this.#splitters[stream]
    for (const line of splitter.push(bytes)) this.#takeLine(stream, line)
    const { open, redrawn } = splitter
    if (open === null || this.#now() - this.#openShownAt[stream] < openLineEveryMs) return
    this.#openShownAt[stream] = this.#now()
    this.#reporter.setOpenLine(stream, open)
    if (!redrawn || open === this.#openRead[stream]) return
    this.#openRead[stream] = open
    this.#read(open)
  }

  /** The program has ended: what stands without a line end is a line, too. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      for (const line of this.#splitters[stream].end()) this.#takeLine(stream, line)
    }
    this.#hold.end()
  }

  #takeLine(stream: LogStream, line: string): void {
    this.#lines += 1
    this.#reporter.addLine(stream, line)
    if (line !== this.#openRead[stream]) this.#read(line)
    this.#openRead[stream] = null
  }

  #read(line: string): void {
    const reading = readLine(this.#reader, line, this.#patterns)
    this.#reader = reading.state
    const { points, stages, totals } = reading
    if (points.length > 0 || stages.length > 0 || Object.keys(totals).length > 0) this.#hold.take(reading, this.#now())
  }

  #tell({ points, stages, totals }: LogReading, time: number): void {
    for (const { step, epoch, metrics } of points)
      this.#reporter.addPoint({ step, epoch, metrics, time, role: 'parser' })
    for (const stage of stages) this.#reporter.addStage({ ...stage, at: time }, 'parser')
    if (Object.keys(totals).length > 0) this.#reporter.patchJob(totals, 'parser')
  }
}
