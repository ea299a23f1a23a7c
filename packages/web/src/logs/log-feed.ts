/**
 * The log of one attempt as the page holds it: a window of at most 50,000 lines, the newest ones while it follows the
 * end. It has no gaps: all wanted lines between its two ends are there. What lies beyond comes by range when somebody
 * scrolls there; a gap in what arrives live is filled the same way. With a filter on, the window holds the lines that it
 * wants.
 */
import type { Client, Live } from '@pilothouse/client'
import type { LogLevel, LogLine, LogPage, LogsEvent } from '@pilothouse/contract'
import { Pace } from '../ui/pace.ts'
import {
  isFiltering,
  isSameFilter,
  isWanted,
  type LogFilter,
  type LogPart,
  LogReader,
  partLines,
} from './log-reader.ts'

export const windowLinesMax = 50_000
/** So many lines are taken out at once when there are more. */
const trimmedLines = 5_000
/** More than this behind the end, and the end is read anew. */
const catchUpLines = 10_000
/** The view is told of new lines at most so often. */
const tellEveryMs = 100
/** While more lines than this come at once, which nobody can read, less often. */
const floodLines = 40
const tellFloodEveryMs = 500
const retryAfterMs = 3_000

export type LogView = {
  /** Grows with every change of what is shown. */
  version: number
  lines: readonly LogLine[]
  open: string | null
  /** Lines of the attempt on the server. */
  total: number
  levels: Readonly<Partial<Record<LogLevel, number>>>
  status: 'loading' | 'ready' | 'failed'
  error: Error | undefined
  /** True while the window is on its way to another place. */
  isMoving: boolean
  /** True when lines before the first one exist. */
  hasOlder: boolean
  /** True when the window reaches to the end of the log. */
  atEnd: boolean
  /** Lines were put in front, or taken away there, since the view was last told; the scroll position moves with them. */
  shifted: boolean
}

type Source = { client: Client; live: Pick<Live, 'subscribe'>; uid: string; attempt: number }

export class LogFeed {
  readonly #reader: LogReader
  readonly #attempt: number
  readonly #undo: () => void
  readonly #stop = new AbortController()
  readonly #listeners = new Set<() => void>()
  #lines: LogLine[] = []
  /** The window has all wanted lines from here on … */
  #from = 0
  /** … and before here. */
  #to = 0
  #open: string | null = null
  #total = 0
  #levels: Partial<Record<LogLevel, number>> = {}
  #atEnd = true
  /** Lines before this one were cleared away. */
  #hidden = 0
  /** Grows when the window is put elsewhere; what was asked for before is then of no use. */
  #place = 0
  /** Where lines came last; the other end is trimmed. */
  #grows: 'front' | 'end' = 'end'
  /** Reads under way that put the window elsewhere. */
  #moves = 0
  #isExtending = false
  #isCatchingUp = false
  #paused = false
  #isFollowed = true
  /** Something changed while nobody looked: the view is made when somebody does. */
  #isStale = false
  readonly #pace = new Pace(() => this.#tell())
  /** Lines of the attempt when listeners were last told. */
  #toldOf = 0
  #view: LogView = {
    version: 0,
    lines: [],
    open: null,
    total: 0,
    levels: {},
    status: 'loading',
    error: undefined,
    isMoving: true,
    hasOlder: false,
    atEnd: true,
    shifted: false,
  }

  constructor({ client, live, uid, attempt }: Source) {
    this.#attempt = attempt
    const { signal } = this.#stop
    this.#reader = new LogReader({ client, uid, attempt, signal, onPage: (page) => this.#note(page) })
    this.#undo = live.subscribe(`logs:${uid}`, {
      onEvent: (event) => this.#take(event),
      onReset: () => this.#catchUp(),
    })
    void this.#loadEnd()
  }

  view = (): LogView => this.#view

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#isStale) this.#tell()
    return () => this.#listeners.delete(listener)
  }

  /** Shows the lines that a filter wants. */
  async setFilter(filter: LogFilter): Promise<void> {
    if (isSameFilter(filter, this.#reader.filter)) return
    this.#reader.filter = filter
    this.#hidden = 0
    // What is not wanted goes at once; what is, stays until the answer comes.
    this.#lines = this.#lines.filter((line) => isWanted(line, filter))
    const loading = this.#loadEnd()
    this.#tell()
    await loading
  }

  /** All lines from the store, as if the page had just been opened. */
  async reload(): Promise<void> {
    this.#hidden = 0
    await this.#loadEnd()
  }

  /** Loads the lines before the first one. */
  async loadOlder(): Promise<void> {
    if (this.#from <= this.#hidden) return
    await this.#extend(async () => {
      const part = await this.#reader.readBefore(this.#from, this.#hidden)
      return () => {
        this.#lines = [...part.lines, ...this.#lines]
        this.#from = part.from
        this.#grows = 'front'
        this.#tell({ shifted: true })
      }
    })
  }

  /** Loads the lines behind the last one, where the window does not reach to the end. */
  async loadNewer(): Promise<void> {
    if (this.#atEnd) return
    await this.#extend(async () => {
      const part = await this.#reader.readAfter(this.#to)
      return () => {
        this.#append(part)
        this.#atEnd = this.#to >= this.#total
        this.#tell()
      }
    })
  }

  /** Puts the window around a line, found by a search. */
  async show(line: number): Promise<void> {
    if (line >= this.#from && line < this.#to) return
    await this.#putElsewhere(async () => this.#reader.readAround(line, this.#hidden))
  }

  /** Back to the newest lines. */
  async jumpToEnd(): Promise<void> {
    if (!this.#atEnd) await this.#loadEnd()
  }

  /** Whether somebody looks at the end. While nobody does, what is read is not taken away for what comes. */
  follow(isFollowed: boolean): void {
    this.#isFollowed = isFollowed
  }

  /** Empties the view; what is in the store stays there. */
  clear(): void {
    this.#place += 1
    this.#hidden = Math.max(this.#total, this.#to)
    this.#from = this.#hidden
    this.#to = this.#hidden
    this.#atEnd = true
    this.#lines = []
    this.#open = null
    this.#tell()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#catchUp()
  }

  close(): void {
    this.#stop.abort()
    this.#pace.stop()
    this.#undo()
  }

  #take(event: LogsEvent): void {
    if (this.#paused || event.attempt !== this.#attempt) return
    this.#open = event.open
    const [first, end] = [event.lines[0]?.n, event.lines.at(-1)?.n]
    if (end !== undefined) this.#total = Math.max(this.#total, end + 1)
    for (const { level } of event.lines) this.#levels[level] = (this.#levels[level] ?? 0) + 1
    if (this.#atEnd && first !== undefined && end !== undefined && this.#view.status === 'ready') {
      if (first > this.#to || event.skipped > 0) return this.#catchUp()
      const lines = event.lines.filter((line) => isWanted(line, this.#reader.filter))
      this.#append({ lines, from: first, to: end + 1 })
    }
    this.#tellSoon()
  }

  /** Puts lines behind those that are there; what is known already is left out. */
  #append({ lines, to }: LogPart): void {
    const isFull = this.#lines.length >= windowLinesMax
    if (isFull && this.#atEnd && !this.#isFollowed) {
      this.#atEnd = false
      return
    }
    for (const line of lines) if (line.n >= this.#to) this.#lines.push(line)
    this.#to = Math.max(this.#to, to)
    this.#grows = 'end'
  }

  /** Fetches what came since the newest line; takes the end anew when that is too much. */
  #catchUp(): void {
    if (this.#paused || this.#isCatchingUp || this.#moves > 0 || !this.#atEnd) return
    this.#isCatchingUp = true
    const place = this.#place
    void this.#run(async () => {
      const part = await this.#reader.readAfter(this.#to, catchUpLines)
      if (place !== this.#place) return
      this.#append(part)
      this.#tell()
    }).finally(() => {
      this.#isCatchingUp = false
      if (!this.#atEnd || this.#stop.signal.aborted || this.#view.error !== undefined) return
      if (place === this.#place && this.#total - this.#to >= catchUpLines) void this.#loadEnd()
      else if (this.#to < this.#total) this.#catchUp()
    })
  }

  async #loadEnd(): Promise<void> {
    await this.#putElsewhere(async () => {
      const part = await this.#reader.readEnd(this.#hidden)
      this.#open = part.open
      return part
    })
  }

  async #putElsewhere(read: () => Promise<LogPart>): Promise<void> {
    this.#place += 1
    const place = this.#place
    this.#moves += 1
    await this.#run(async () => {
      const { lines, from, to } = await read().finally(() => (this.#moves -= 1))
      if (place !== this.#place) return
      this.#lines = lines
      this.#from = from
      this.#to = to
      // What came while the end was read is fetched behind it.
      this.#atEnd = to >= this.#total - partLines
      this.#tell()
      if (this.#atEnd && to < this.#total) this.#catchUp()
    })
  }

  /** One extension at a time; `read` returns what is done with the answer if the window still stands where it stood. */
  async #extend(read: () => Promise<() => void>): Promise<void> {
    if (this.#isExtending || this.#moves > 0) return
    this.#isExtending = true
    const place = this.#place
    await this.#run(async () => {
      const take = await read()
      if (place === this.#place) take()
    })
    this.#isExtending = false
  }

  /** In a turn of its own: the list takes a change at its front or at its end, not both at once. */
  #trimSoon(): void {
    const place = this.#place
    setTimeout(() => {
      if (this.#lines.length <= windowLinesMax || place !== this.#place || this.#stop.signal.aborted) return
      this.#trim()
      this.#tell({ shifted: this.#grows === 'end' })
    }, 0)
  }

  #isTooLong(): boolean {
    return this.#lines.length > windowLinesMax + trimmedLines
  }

  /** Takes away what is too much, at the end that does not grow. */
  #trim(): void {
    if (this.#grows === 'end') {
      this.#lines.splice(0, this.#lines.length - windowLinesMax)
      this.#from = this.#lines[0]?.n ?? this.#from
    } else {
      this.#lines.length = windowLinesMax
      this.#to = (this.#lines.at(-1)?.n ?? this.#to) + 1
      this.#atEnd = false
    }
  }

  #note({ total, levels }: LogPage): void {
    this.#total = Math.max(this.#total, total)
    this.#levels = { ...levels }
  }

  async #run(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#tell({ error: error instanceof Error ? error : new Error(String(error)) })
      setTimeout(
        () => !this.#stop.signal.aborted && this.#view.status === 'failed' && void this.#loadEnd(),
        retryAfterMs,
      )
    }
  }

  #findStatus(error: Error | undefined): LogView['status'] {
    const { status } = this.#view
    if (error) return status === 'ready' ? 'ready' : 'failed'
    return status === 'loading' && this.#moves > 0 ? 'loading' : 'ready'
  }

  #tellSoon(): void {
    if (this.#listeners.size === 0) {
      this.#isStale = true
      // Nobody is told, and so nothing else would keep the window within its bounds.
      if (this.#isTooLong()) this.#trim()
      return
    }
    const isFlood = this.#toldOf > 0 && this.#total - this.#toldOf > floodLines
    this.#pace.ask(isFlood ? tellFloodEveryMs : tellEveryMs)
  }

  #tell({ error, shifted = false }: { error?: Error; shifted?: boolean } = {}): void {
    this.#isStale = false
    this.#toldOf = this.#total
    this.#view = {
      version: this.#view.version + 1,
      // A new array tells the list that something changed; the lines themselves are the same objects.
      lines: [...this.#lines],
      open: this.#atEnd && !isFiltering(this.#reader.filter) ? this.#open : null,
      total: this.#total,
      levels: this.#levels,
      status: this.#findStatus(error),
      error,
      isMoving: this.#moves > 0,
      hasOlder: this.#from > this.#hidden,
      atEnd: this.#atEnd,
      shifted,
    }
    for (const listener of this.#listeners) listener()
    if (this.#isTooLong()) this.#trimSoon()
  }
}
