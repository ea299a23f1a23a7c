/** What the page asks of a log: parts of it, whole or the lines that a filter wants, which the server finds. */
import type { Client } from '@pilothouse/client'
import type { LogLevel, LogLine, LogPage, LogSearchAnswer, LogStream } from '@pilothouse/contract'

export type LogFilter = {
  /** None = all. */
  levels: readonly LogLevel[]
  /** Absent = both. */
  stream: LogStream | undefined
}
export const noFilter: LogFilter = { levels: [], stream: undefined }

/** All wanted lines from line `from` on, before line `to`. */
export type LogPart = { lines: LogLine[]; from: number; to: number }

/** Lines of one call; a filter may find fewer. */
export const partLines = 1_000
/** With a filter on, it is looked further until there are so many, which fill any screen. */
const enoughLines = 150

type Direction = 'forward' | 'backward'
type Given = { client: Client; uid: string; attempt: number; signal: AbortSignal; onPage: (page: LogPage) => void }

export class LogReader {
  readonly #given: Given
  filter = noFilter

  /** `onPage` is told of the log as a whole with every page that comes. */
  constructor(given: Given) {
    this.#given = given
  }

  /** The newest lines, and the line under way. */
  async readEnd(hidden: number): Promise<LogPart & { open: string | null }> {
    const { lines, open, total } = await this.#readPage({ count: isFiltering(this.filter) ? 1 : partLines })
    if (isFiltering(this.filter)) return { ...(await this.readBefore(total, hidden)), open }
    const kept = lines.filter(({ n }) => n >= hidden)
    return { lines: kept, from: kept[0]?.n ?? Math.max(hidden, total), to: total, open }
  }

  /** The lines in front of line `to`, none before `hidden`. */
  async readBefore(to: number, hidden: number): Promise<LogPart> {
    if (isFiltering(this.filter)) {
      const { lines, end } = await this.#search(to, 'backward')
      const from = Math.max(hidden, end ?? 0)
      return { lines: lines.toReversed().filter(({ n }) => n >= from), from, to }
    }
    const from = Math.max(hidden, to - partLines)
    return { lines: await this.#readRange(from, to), from, to }
  }

  /** The lines from line `from` on. */
  async readAfter(from: number, count = partLines): Promise<LogPart> {
    if (isFiltering(this.filter)) {
      const { lines, end, total } = await this.#search(from, 'forward')
      return { lines, from, to: end ?? Math.max(total, from) }
    }
    const { lines } = await this.#readPage({ from, count })
    return { lines, from, to: (lines.at(-1)?.n ?? from - 1) + 1 }
  }

  /** The lines around line `line`. */
  async readAround(line: number, hidden: number): Promise<LogPart> {
    if (!isFiltering(this.filter)) return this.readAfter(Math.max(hidden, line - partLines / 2))
    const before = await this.readBefore(line, hidden)
    const after = await this.readAfter(line)
    return { lines: [...before.lines, ...after.lines], from: before.from, to: after.to }
  }

  /** A page has fewer lines than asked for where they are very long. */
  async #readRange(from: number, to: number): Promise<LogLine[]> {
    const lines: LogLine[] = []
    for (let next = from; next < to;) {
      const page = await this.#readPage({ from: next, count: to - next })
      const last = page.lines.at(-1)?.n
      if (last === undefined) break
      lines.push(...page.lines)
      next = last + 1
    }
    return lines
  }

  /** Call after call until enough is found; `end` is where the next one would begin, null at the end of the log. */
  async #search(from: number, direction: Direction): Promise<{ lines: LogLine[]; end: number | null; total: number }> {
    const { client, uid, attempt, signal } = this.#given
    const { levels, stream } = this.filter
    const lines: LogLine[] = []
    let end: number | null = from
    let total = 0
    while (end !== null && lines.length < enoughLines && !(direction === 'backward' && end === 0)) {
      const query = { attempt, level: [...levels], stream, from: end, direction, limit: partLines }
      const answer: LogSearchAnswer = await client.call('logs.search', { params: { uid }, query, signal })
      for (const line of answer.lines) lines.push(line)
      total = answer.total
      end = answer.next
    }
    return { lines, end, total }
  }

  async #readPage(query: { from?: number; count: number }): Promise<LogPage> {
    const { client, uid, attempt, signal, onPage } = this.#given
    const page = await client.call('logs.page', { params: { uid }, query: { attempt, ...query }, signal })
    onPage(page)
    return page
  }
}

export function isFiltering({ levels, stream }: LogFilter): boolean {
  return levels.length > 0 || stream !== undefined
}

export function isWanted({ level, stream }: LogLine, filter: LogFilter): boolean {
  return (
    (filter.levels.length === 0 || filter.levels.includes(level)) &&
    (filter.stream === undefined || filter.stream === stream)
  )
}

export function isSameFilter(one: LogFilter, other: LogFilter): boolean {
  return one.stream === other.stream && one.levels.join() === other.levels.join()
}
