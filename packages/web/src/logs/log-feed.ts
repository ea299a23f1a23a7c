/**
 * The log of one attempt as the page holds it: a window of at most 50,000 lines, the newest ones while it follows the
 * end. Older lines come by range when somebody scrolls to them; a gap in what arrives live is filled the same way. With a
 * level filter on, the window holds the lines of those levels, found by the server.
 */
import type { Client, Live } from '@pilothouse/client'
import type { LogLevel, LogLine, LogsEvent } from '@pilothouse/contract'

export const windowLinesMax = 50_000
const tailLines = 1_000
const olderLines = 1_000
/** The view is told of new lines at most once a frame; without frames (a hidden tab) at most so often. */
const tellEveryMs = 100
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
  /** True when lines before the first one exist. */
  hasOlder: boolean
  /** True when the window reaches to the end of the log. */
  atEnd: boolean
  /** Lines put in front since the view was last told; the scroll position moves with them. */
  shifted: boolean
}

export class LogFeed {
  readonly #client: Client
  readonly #uid: string
  readonly #attempt: number
  readonly #undo: () => void
  readonly #stop = new AbortController()
  readonly #listeners = new Set<() => void>()
  #lines: LogLine[] = []
  #open: string | null = null
  #total = 0
  #levels: Partial<Record<LogLevel, number>> = {}
  #filter: readonly LogLevel[] = []
  #hasOlderMatches = true
  #atEnd = true
  #hidden = 0
  #loading = 0
  #paused = false
  /** Something changed while nobody looked: the view is made when somebody does. */
  #isStale = false
  #tellTimer: ReturnType<typeof setTimeout> | undefined
  #view: LogView = {
    version: 0,
    lines: [],
    open: null,
    total: 0,
    levels: {},
    status: 'loading',
    error: undefined,
    hasOlder: false,
    atEnd: true,
    shifted: false,
  }

  constructor({ client, live, uid, attempt }: { client: Client; live: Live; uid: string; attempt: number }) {
    this.#client = client
    this.#uid = uid
    this.#attempt = attempt
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

  /** Shows lines of these levels only; none = all. */
  async setFilter(levels: readonly LogLevel[]): Promise<void> {
    this.#filter = levels
    this.#hidden = 0
    await this.#loadEnd()
  }

  /** Loads the lines before the first one. */
  async loadOlder(): Promise<void> {
    const first = this.#lines[0]?.n ?? 0
    if (this.#loading > 0 || first <= this.#hidden || !this.#view.hasOlder) return
    await this.#run(async () => {
      const older = await this.#fetchBefore(first)
      const kept = older.filter(({ n }) => n >= this.#hidden)
      this.#lines = [...kept, ...this.#lines].slice(0, windowLinesMax)
      this.#atEnd = this.#reachesEnd()
      this.#tell({ shifted: true })
    })
  }

  /** Puts the window around a line, found by a search. */
  async show(line: number): Promise<void> {
    if (this.#lines.some(({ n }) => n === line)) return
    await this.#run(async () => {
      const from = Math.max(this.#hidden, line - olderLines / 2)
      const page = await this.#fetchPage({ from, count: olderLines })
      this.#lines = page.lines
      this.#atEnd = this.#reachesEnd()
      this.#tell()
    })
  }

  /** Back to the newest lines. */
  async jumpToEnd(): Promise<void> {
    if (!this.#atEnd) await this.#loadEnd()
  }

  /** Empties the view; what is in the store stays there. */
  clear(): void {
    this.#hidden = Math.max(this.#total, (this.#lines.at(-1)?.n ?? -1) + 1)
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
    clearTimeout(this.#tellTimer)
    this.#undo()
  }

  #take(event: LogsEvent): void {
    if (this.#paused || event.attempt !== this.#attempt) return
    this.#open = event.open
    const end = event.lines.at(-1)?.n
    if (end !== undefined) this.#total = Math.max(this.#total, end + 1)
    for (const { level } of event.lines) this.#levels[level] = (this.#levels[level] ?? 0) + 1
    if (this.#atEnd) this.#append(event.lines, event.skipped)
    this.#tellSoon()
  }

  #append(lines: readonly LogLine[], skipped: number): void {
    const known = this.#lines.at(-1)?.n ?? this.#hidden - 1
    const fresh = lines.filter(({ n }) => n > known)
    const [first] = fresh
    const isGap = this.#filter.length === 0 && first !== undefined && (first.n > known + 1 || skipped > 0)
    if (isGap && this.#view.status === 'ready') return this.#catchUp()
    this.#lines.push(...fresh.filter(({ level }) => this.#isWanted(level)))
    if (this.#lines.length > windowLinesMax) this.#lines.splice(0, this.#lines.length - windowLinesMax + 5_000)
  }

  /** Fetches what came since the newest line; takes the end anew when that is too much. */
  #catchUp(): void {
    if (this.#paused || this.#view.status === 'loading' || !this.#atEnd) return
    const known = this.#lines.at(-1)?.n
    if (known === undefined || this.#filter.length > 0) return void this.#loadEnd()
    void this.#run(async () => {
      const page = await this.#fetchPage({ from: known + 1, count: 10_000 })
      this.#open = page.open
      const last = this.#lines.at(-1)?.n ?? known
      this.#lines.push(...page.lines.filter(({ n }) => n > last))
      if (page.lines.length >= 10_000) this.#loadEndSoon()
      this.#tell()
    })
  }

  #loadEndSoon(): void {
    setTimeout(() => void this.#loadEnd(), 0)
  }

  async #loadEnd(): Promise<void> {
    await this.#run(async () => {
      const filter = this.#filter
      const page = await this.#fetchPage({ count: filter.length > 0 ? 1 : tailLines })
      const found = filter.length > 0 ? await this.#fetchBefore(page.total) : page.lines
      if (filter !== this.#filter) return
      this.#open = page.open
      this.#lines = found.filter(({ n }) => n >= this.#hidden)
      this.#atEnd = true
      this.#hasOlderMatches = true
      this.#tell()
    })
  }

  async #fetchPage(query: { from?: number; count: number }) {
    const asked = { params: { uid: this.#uid }, query: { attempt: this.#attempt, ...query }, signal: this.#stop.signal }
    const page = await this.#client.call('logs.page', asked)
    this.#total = Math.max(this.#total, page.total)
    this.#levels = { ...page.levels }
    return page
  }

  /** Lines before `first`, in order; with a filter on, those that match. */
  async #fetchBefore(first: number): Promise<LogLine[]> {
    if (this.#filter.length === 0) {
      const from = Math.max(this.#hidden, first - olderLines)
      return (await this.#fetchPage({ from, count: first - from })).lines
    }
    if (first <= 0) return []
    const query = {
      attempt: this.#attempt,
      level: [...this.#filter],
      from: first - 1,
      direction: 'backward' as const,
      limit: 1_000,
    }
    const answer = await this.#client.call('logs.search', {
      params: { uid: this.#uid },
      query,
      signal: this.#stop.signal,
    })
    this.#hasOlderMatches = answer.next !== null
    return answer.lines.toSorted((a, b) => a.n - b.n)
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.#loading += 1
    try {
      await work()
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#tell({ error: error instanceof Error ? error : new Error(String(error)) })
      setTimeout(
        () => !this.#stop.signal.aborted && this.#view.status === 'failed' && void this.#loadEnd(),
        retryAfterMs,
      )
    } finally {
      this.#loading -= 1
    }
  }

  #isWanted(level: LogLevel): boolean {
    return this.#filter.length === 0 || this.#filter.includes(level)
  }

  #reachesEnd(): boolean {
    return (this.#lines.at(-1)?.n ?? -1) >= this.#total - 1
  }

  #tellSoon(): void {
    if (this.#listeners.size === 0) {
      this.#isStale = true
      return
    }
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = undefined
      this.#tell()
    }, tellEveryMs)
  }

  #tell({ error, shifted = false }: { error?: Error; shifted?: boolean } = {}): void {
    this.#isStale = false
    const first = this.#lines[0]?.n ?? this.#hidden
    const hasLines = this.#lines.length > 0
    this.#view = {
      version: this.#view.version + 1,
      // A new array tells the list that something changed; the lines themselves are the same objects.
      lines: [...this.#lines],
      open: this.#atEnd ? this.#open : null,
      total: this.#total,
      levels: this.#levels,
      status: error && this.#view.status !== 'ready' ? 'failed' : 'ready',
      error,
      hasOlder: hasLines && first > this.#hidden && (this.#filter.length === 0 || this.#hasOlderMatches),
      atEnd: this.#atEnd,
      shifted,
    }
    for (const listener of this.#listeners) listener()
  }
}
