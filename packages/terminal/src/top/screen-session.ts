/**
 * The screen while it lives: keys and news in, frames out. It draws at once for a key, at most four times a second for news, and not at
 * all while the terminal has not taken the last frame. However it ends, the terminal is as it was before.
 */
import { StringDecoder } from 'node:string_decoder'
import { applyUpdate } from './apply-update.ts'
import { decodeKeys, endKeys, type KeyEvent, type KeyRest } from './decode-keys.ts'
import { drawFrame, type Frame, layFrame } from './draw-frame.ts'
import { type Effect, pressKey } from './press-key.ts'
import { type MessageLevel, type ScreenState, startScreen, type TopOptions } from './screen-state.ts'
import { viewScreen } from './screen-view.ts'
import { Listeners, type TopErrors, type TopInput, type TopOutput, type TopSignals } from './terminal-door.ts'
import { enterScreen, leaveScreen } from './terminal-modes.ts'
import { chooseTheme, type Theme } from './theme.ts'
import type { TopAction, TopSource, TopUpdate } from './top-state.ts'

export type TopParameters = {
  source: TopSource
  input: TopInput
  output: TopOutput
  errors: TopErrors
  now: () => number
  options: TopOptions
  environment: Readonly<Record<string, string | undefined>>
  signals: TopSignals
}

/** News are drawn four times a second at most. */
const frameMs = 250
/** The clock and all ages go on. */
const clockMs = 1_000
/** An escape that nothing follows for so long is the key. */
const escapeMs = 50
/** A source that does not end is left alone. */
const closeMs = 2_000
const sizeMax = { cols: 1_000, rows: 500 }

type End = { code: number; error?: unknown }

export class ScreenSession {
  readonly #with: TopParameters
  readonly #theme: Theme
  readonly #listeners = new Listeners()
  readonly #decoder = new StringDecoder('utf8')
  readonly #ended = Promise.withResolvers<End>()
  #state: ScreenState
  #rest: KeyRest = ''
  #frame: Frame | null = null
  #isFull = false
  #isDirty = false
  #isOver = false
  /** The shell has the terminal. */
  #isAway = false
  #frameTimer: NodeJS.Timeout | undefined
  #clockTimer: NodeJS.Timeout | undefined
  #escapeTimer: NodeJS.Timeout | undefined
  #drawnAt = Number.NEGATIVE_INFINITY

  constructor(parameters: TopParameters) {
    this.#with = parameters
    this.#theme = chooseTheme(parameters.options.theme, parameters.environment)
    this.#state = startScreen(parameters.source.label, parameters.options)
  }

  /** Shows the screen until it ends. @returns the exit code */
  async run(): Promise<number> {
    this.#listen()
    this.#enter()
    this.#guard(() => this.#with.source.start((update) => this.#guard(() => this.#take(update))))
    this.#clockTimer = setInterval(() => this.#guard(() => this.#draw()), clockMs)
    const { code, error } = await this.#ended.promise
    await closeSource(this.#with.source)
    if (error !== undefined) this.#with.errors.write(describeCrash(error))
    return code
  }

  #listen(): void {
    const { input, output, signals } = this.#with
    const listen = (place: Pick<TopSignals, 'on' | 'off'>, event: string, act: (detail: unknown) => void): void =>
      this.#listeners.add(place, event, (detail) => this.#guard(() => act(detail)))
    listen(input, 'data', (chunk) => this.#read(chunk))
    for (const event of ['end', 'close', 'error']) listen(input, event, () => this.#end({ code: 0 }))
    listen(output, 'resize', () => this.#plan())
    listen(output, 'drain', () => this.#drain())
    // Nobody reads any more, so nobody is told.
    for (const event of ['error', 'close']) listen(output, event, () => this.#end({ code: 0 }))
    listen(signals, 'SIGINT', () => this.#end({ code: 130 }))
    listen(signals, 'SIGTERM', () => this.#end({ code: 143 }))
    listen(signals, 'SIGHUP', () => this.#end({ code: 129 }))
    listen(signals, 'SIGTSTP', () => this.#suspend())
    listen(signals, 'SIGCONT', () => this.#enter())
    for (const event of ['uncaughtException', 'unhandledRejection'])
      listen(signals, event, (error) => this.#end({ code: 1, error }))
    listen(signals, 'exit', () => this.#leave())
  }

  /** Whatever is thrown in here ends the screen in order, and is told after the terminal is restored. */
  #guard(act: () => void): void {
    if (this.#isOver) return
    try {
      act()
    } catch (error) {
      this.#end({ code: 1, error })
    }
  }

  #end(end: End): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#frameTimer)
    clearTimeout(this.#escapeTimer)
    clearInterval(this.#clockTimer)
    this.#leave()
    this.#listeners.clear()
    // What was written last may still fail, when nobody listens any more.
    this.#with.output.on('error', ignore)
    this.#ended.resolve(end)
  }

  #enter(): void {
    const { input, output } = this.#with
    input.setRawMode?.(true)
    input.resume()
    output.write(enterScreen)
    this.#frame = null
    this.#isFull = false
    this.#isAway = false
    this.#draw()
  }

  #leave(): void {
    const { input, output } = this.#with
    try {
      output.write(leaveScreen)
      input.setRawMode?.(false)
      input.pause()
    } catch {
      // The terminal is gone, and with it all that could be restored.
    }
  }

  /** Ctrl-Z: the shell has the terminal until the process goes on. Our own listener would keep it from being stopped. */
  #suspend(): void {
    const { signals } = this.#with
    this.#isAway = true
    this.#leave()
    this.#listeners.clear()
    signals.kill(0, 'SIGTSTP')
    setImmediate(() =>
      this.#guard(() => {
        this.#listen()
        this.#enter()
      }),
    )
  }

  #read(chunk: unknown): void {
    clearTimeout(this.#escapeTimer)
    const text = chunk instanceof Uint8Array ? this.#decoder.write(Buffer.from(chunk)) : String(chunk)
    const { events, rest } = decodeKeys(this.#rest, text)
    this.#rest = rest
    for (const event of events) this.#press(event)
    if (rest !== '') this.#escapeTimer = setTimeout(() => this.#guard(() => this.#endKeys()), escapeMs)
    if (events.length > 0) this.#draw()
  }

  /** A paste may pause as long as it likes; a sequence that was begun may not. */
  #endKeys(): void {
    if (this.#rest.startsWith('\u001B[200~')) return
    const events = endKeys(this.#rest)
    this.#rest = ''
    for (const event of events) this.#press(event)
    this.#draw()
  }

  #press(event: KeyEvent): void {
    if (this.#isOver) return
    const { state, effects } = pressKey(this.#state, event, { ...this.#readSize(), now: this.#with.now() })
    this.#state = state
    for (const effect of effects) this.#apply(effect)
  }

  #apply(effect: Effect): void {
    const { source } = this.#with
    switch (effect.type) {
      case 'quit':
        return this.#end({ code: 0 })
      case 'refresh':
        return source.refresh()
      case 'redraw':
        this.#frame = null
        return
      case 'suspend':
        return this.#suspend()
      case 'watch':
        return source.watch(effect.rowId)
      case 'act':
        void this.#act(effect.rowId, effect.action)
        return
      default:
        return effect satisfies never
    }
  }

  async #act(rowId: string, action: TopAction): Promise<void> {
    this.#tell('info', `${action} asked for …`)
    try {
      const told = await this.#with.source.act(rowId, action)
      this.#guard(() => this.#tell('info', told))
    } catch (error) {
      this.#guard(() => this.#tell('error', error instanceof Error ? error.message : String(error)))
    }
  }

  #tell(level: MessageLevel, text: string): void {
    this.#state = { ...this.#state, message: { level, text, at: this.#with.now() } }
    this.#draw()
  }

  #take(update: TopUpdate): void {
    this.#state = applyUpdate(this.#state, update)
    this.#plan()
  }

  /** Draws soon: at once after a rest, else at the end of the frame's time. */
  #plan(): void {
    if (this.#frameTimer !== undefined) return
    const waitMs = Math.max(0, this.#drawnAt + frameMs - performance.now())
    this.#frameTimer = setTimeout(() => {
      this.#frameTimer = undefined
      this.#guard(() => this.#draw())
    }, waitMs)
  }

  #draw(): void {
    if (this.#isOver || this.#isAway) return
    if (this.#isFull) {
      this.#isDirty = true
      return
    }
    const size = this.#readSize()
    const frame = layFrame(viewScreen(this.#state, size, this.#with.now()), { ...size, theme: this.#theme })
    const bytes = drawFrame(this.#frame, frame)
    this.#frame = frame
    this.#isDirty = false
    this.#drawnAt = performance.now()
    if (bytes !== '') this.#isFull = !this.#with.output.write(bytes)
  }

  #drain(): void {
    this.#isFull = false
    if (this.#isDirty) this.#draw()
  }

  #readSize(): { cols: number; rows: number } {
    const { columns, rows } = this.#with.output
    // A terminal that does not know its size says 0.
    return {
      cols: Math.min(sizeMax.cols, columns === undefined || columns < 1 ? 80 : columns),
      rows: Math.min(sizeMax.rows, rows === undefined || rows < 1 ? 24 : rows),
    }
  }
}

async function closeSource(source: TopSource): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, closeMs)
  await Promise.race([source.close().catch(ignore), promise])
  clearTimeout(timer)
}

function ignore(): void {
  // Nothing can be done about it any more.
}

function describeCrash(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `The screen ended because of an error; what it showed goes on without it.\n${text}\n`
}
