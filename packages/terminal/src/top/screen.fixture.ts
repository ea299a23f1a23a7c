/** Rows, a source that tells what a test wants, and a terminal that can be read. */
import { EventEmitter } from 'node:events'
import xterm from '@xterm/headless'
import type { TopParameters } from './screen-session.ts'
import { startScreen, type ScreenState, type TopOptions } from './screen-state.ts'
import { applyUpdate } from './apply-update.ts'
import type { TopAction, TopRow, TopSource, TopUpdate } from './top-state.ts'

/** 2026-03-01 14:03:22 wherever the test runs. */
export const noon = new Date(2026, 2, 1, 14, 3, 22).getTime()
export const options: TopOptions = { intervalMs: 5_000, readOnly: false, theme: 'dark', groups: [] }

/** A machine that runs well, but for what is said. */
export function makeRow(id: string, but: Partial<TopRow> = {}): TopRow {
  return {
    id: `vast:${id}`,
    shortId: id,
    name: `machine-${id}`,
    kind: 'instance',
    group: 'vast',
    owner: null,
    target: null,
    gpuName: 'NVIDIA GeForce RTX 4090',
    gpuCount: 1,
    state: 'running',
    isActive: true,
    isError: false,
    health: { level: 'good', word: 'ok', why: null },
    epoch: 1,
    epochs: 3,
    step: 400,
    steps: 1_000,
    progress: 0.4,
    gpuUse: 85.2,
    memoryUse: 42.1,
    loss: 2.345,
    lossKey: 'loss',
    perHour: 0.467,
    cost: 15.23,
    costIs: 'estimate',
    currency: 'USD',
    etaMs: 45 * 60_000,
    costAtEnd: 15.6,
    startedAt: noon - 3_600_000,
    seenAt: noon,
    trouble: null,
    can: ['stop'],
    ...but,
  }
}

/** The five machines of somebody's evening. */
export const fiveRows: readonly TopRow[] = [
  makeRow('30007012', { name: 'vision-large' }),
  makeRow('30007267', {
    name: 'speech-base',
    gpuName: 'NVIDIA A100-SXM4-80GB',
    gpuCount: 4,
    progress: 0.72,
    epoch: 2,
    loss: 3.21,
    perHour: 1.234,
    cost: 8.45,
    costIs: 'charged',
    etaMs: 7_500_000,
  }),
  makeRow('30007268', {
    name: '画像モデル',
    gpuName: 'NVIDIA H100 PCIe',
    gpuUse: 6,
    memoryUse: 9.3,
    loss: null,
    progress: 0.05,
    perHour: 1.5,
    cost: 2.1,
    etaMs: 43_200_000,
    health: { level: 'warning', word: 'idle', why: 'Its GPU has done nothing for 12 minutes.' },
  }),
  makeRow('30007269', {
    name: 'tokens-7b',
    state: 'exited',
    isActive: false,
    isError: true,
    gpuUse: null,
    memoryUse: null,
    etaMs: null,
    health: { level: 'error', word: 'failed', why: 'Its container ended with 1.' },
    can: [],
  }),
  makeRow('30007270', {
    name: 'new-one',
    state: 'loading',
    gpuUse: null,
    memoryUse: null,
    epoch: null,
    epochs: null,
    step: null,
    steps: null,
    progress: null,
    loss: null,
    cost: null,
    etaMs: null,
    health: { level: 'neutral', word: 'loading', why: null },
  }),
]

/** A screen that was told all this. */
export function makeState(updates: readonly TopUpdate[], but: Partial<ScreenState> = {}): ScreenState {
  return { ...updates.reduce(applyUpdate, startScreen('mock: invented machines', options)), ...but }
}

/** The five machines with some lines of their logs. */
export function makeFive(but: Partial<ScreenState> = {}): ScreenState {
  const lines = fiveRows.slice(0, 3).flatMap(({ id }, index) =>
    [1, 2, 3, 4].map((step) => ({
      rowId: id,
      at: noon - 10_000 + step * 1_000 + index,
      text: `Epoch 1/3 step ${step}: loss = ${(2.5 - step / 10).toFixed(3)}`,
    })),
  )
  return makeState(
    [
      { type: 'rows', rows: fiveRows, at: noon },
      { type: 'lines', lines },
    ],
    but,
  )
}

/** What a terminal shows after these bytes, line by line, without spaces at the ends. */
export class TestTerminal {
  readonly #terminal: InstanceType<typeof xterm.Terminal>

  constructor(cols: number, rows: number) {
    this.#terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 })
  }

  async write(bytes: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#terminal.write(bytes, resolve)
    await promise
  }

  read(): string[] {
    const { active } = this.#terminal.buffer
    // A line that was longer before a resize is kept behind the edge.
    const end = this.#terminal.cols
    return Array.from({ length: this.#terminal.rows }, (_, at) =>
      (active.getLine(at)?.translateToString(false, 0, end) ?? '').trimEnd(),
    )
  }

  /** `normal` or `alternate`. */
  get buffer(): string {
    return this.#terminal.buffer.active.type
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows)
  }

  close(): void {
    this.#terminal.dispose()
  }
}

/** A source that tells what the test tells it, and remembers what it was asked. */
export class TestSource implements TopSource {
  readonly label = 'mock: invented machines'
  readonly floorMs = null
  readonly asked: string[] = []
  fails: Error | null = null
  isClosed = false
  tell: (update: TopUpdate) => void = () => undefined

  start(tell: (update: TopUpdate) => void): void {
    this.tell = tell
  }

  refresh(): void {
    this.asked.push('refresh')
  }

  watch(rowId: string | null): void {
    this.asked.push(`watch ${rowId ?? 'none'}`)
  }

  act(rowId: string, action: TopAction): Promise<string> {
    this.asked.push(`${action} ${rowId}`)
    return this.fails === null ? Promise.resolve(`${rowId} is stopped.`) : Promise.reject(this.fails)
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}

class TestInput extends EventEmitter {
  isTTY = true
  isRaw = false
  setRawMode(raw: boolean): void {
    this.isRaw = raw
  }
  resume(): void {
    // It is read as it comes.
  }
  pause(): void {
    // It is read as it comes.
  }
}

class TestOutput extends EventEmitter {
  isTTY = true
  columns = 80
  rows = 24
  bytes = ''
  frames = 0
  /** Takes nothing more until `drain`. */
  isSlow = false
  write(text: string): boolean {
    this.bytes += text
    this.frames += 1
    return !this.isSlow
  }
}

class TestSignals extends EventEmitter {
  readonly sent: string[] = []
  kill(_pid: number, signal: string): void {
    this.sent.push(signal)
  }
}

/** All that the screen needs of the world. */
export class TestWorld {
  readonly source = new TestSource()
  readonly input = new TestInput()
  readonly output = new TestOutput()
  readonly signals = new TestSignals()
  told = ''
  at = noon

  parameters(but: Partial<TopOptions> = {}): TopParameters {
    return {
      source: this.source,
      input: this.input,
      output: this.output,
      errors: { write: (text) => (this.told += text) },
      now: () => this.at,
      options: { ...options, ...but },
      environment: {},
      signals: this.signals,
    }
  }

  /** Presses keys, each by itself. */
  press(...keys: string[]): void {
    for (const key of keys) this.input.emit('data', Buffer.from(key))
  }

  /** What a terminal shows of all that was written. */
  async read(): Promise<string[]> {
    const terminal = new TestTerminal(this.output.columns, this.output.rows)
    await terminal.write(this.output.bytes)
    const lines = terminal.read()
    terminal.close()
    return lines
  }
}
