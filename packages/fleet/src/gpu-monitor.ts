/**
 * Reads the GPUs through one `nvidia-smi` that repeats itself: starting it anew for each sample costs ten times as much.
 * That there is none is a state, said in words, not an error.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { LineSplitter } from './line-splitter.ts'
import { type GpuReading, gpuQuery, parseGpuRow } from './nvidia-smi.ts'

export type GpuMonitorOptions = {
  intervalMs: number
  /** Which GPUs count. */
  selects?: (index: number) => boolean
  command?: string
  /** Milliseconds of a clock that only goes forward. */
  monotonic?: () => number
}

/** A reading this many intervals old is none any more. */
const staleIntervals = 3

export class GpuMonitor {
  readonly #options: Required<GpuMonitorOptions>
  readonly #latest = new Map<number, { at: number; reading: GpuReading }>()
  readonly #listeners = new Set<() => void>()
  #child: ChildProcess | null = null
  #absence: string | null = null

  constructor(options: GpuMonitorOptions) {
    const always = { selects: () => true, command: 'nvidia-smi', monotonic: () => performance.now() }
    this.#options = { ...always, ...options }
  }

  start(): void {
    if (this.#child !== null) return
    const { command, intervalMs } = this.#options
    const loop = `--loop-ms=${Math.max(100, Math.round(intervalMs))}`
    const args = [`--query-gpu=${gpuQuery}`, '--format=csv,noheader,nounits', loop]
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child = child
    const splitter = new LineSplitter()
    let first = ''
    child.stdout.on('data', (bytes: Uint8Array) => {
      for (const line of splitter.push(bytes)) {
        if (!this.#take(line)) first ||= line.trim()
      }
    })
    child.on('error', () => this.#lose(`${command} was not found.`))
    child.on('exit', (code) =>
      this.#lose(`${command} ended with code ${code ?? 'none'}${first === '' ? '.' : `: ${first}`}`),
    )
  }

  stop(): void {
    const child = this.#child
    this.#child = null
    child?.kill()
  }

  /** Why there are no readings, or null. */
  get absence(): string | null {
    return this.#absence
  }

  /** The newest readings, without those gone stale. */
  read(): GpuReading[] {
    const { monotonic, intervalMs } = this.#options
    const oldest = monotonic() - staleIntervals * Math.max(intervalMs, 1_000)
    return [...this.#latest.values()].flatMap(({ at, reading }) => (at >= oldest ? [reading] : []))
  }

  /** Calls back at each reading and when readings end; the answer takes it back. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #take(line: string): boolean {
    const reading = parseGpuRow(line)
    if (reading === null) return line.trim() === ''
    if (this.#options.selects(reading.index))
      this.#latest.set(reading.index, { at: this.#options.monotonic(), reading })
    this.#tell()
    return true
  }

  #lose(why: string): void {
    if (this.#child === null) return
    this.#child = null
    this.#absence ??= why
    this.#latest.clear()
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
