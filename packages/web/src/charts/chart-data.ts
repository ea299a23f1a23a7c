/** What one picture on screen shows: its question, and the points that answer it. */
import type { MetricsEvent, XAxis } from '@pilothouse/contract'
import { jobSource } from '@pilothouse/contract/wire'
import type { Smooth } from './chart-search.ts'
import type { SeriesBuffer } from './series-buffer.ts'

export type LiveSeries = MetricsEvent['series'][number]

/** A picture that somebody looks at: some keys of some sources over one axis. */
export type ChartRequest = {
  keys: readonly string[]
  /** Exact source, `gpu:*` or `host:*`. */
  source: string
  x: XAxis
  range: readonly [number, number] | null
  points: number
  smooth: Smooth
  /** Over steps and epochs its points lie where the job was at their time. */
  byTime?: boolean | undefined
}

/** What a chart reads while it is open. */
export type Picture = {
  readonly status: 'loading' | 'ready' | 'failed'
  readonly error: Error | undefined
  onChange: (() => void) | undefined
  list: () => SeriesBuffer[]
}

/** Where pictures come from: the feed of one job, or an overlay of several. */
export type ChartFeed = {
  open: (request: ChartRequest) => { data: Picture; close: () => void }
  /** Zero of «relative» for the job whose page it is, server's clock, ms. */
  readonly origin?: number
  /** Where on this axis the job is; undefined where nobody knows yet. */
  newest?: (x: XAxis) => number | undefined
  /** Tells when it has moved; returns its undo. */
  subscribeLatest?: (listener: () => void) => () => void
}

export class ChartData implements Picture {
  readonly request: ChartRequest
  readonly buffers = new Map<string, SeriesBuffer>()
  /** Grows with every change; a drawer compares it with what it drew. */
  version = 0
  status: 'loading' | 'ready' | 'failed' = 'loading'
  error: Error | undefined
  onChange: (() => void) | undefined
  /** Live points that came while a snapshot was under way; they are added behind it. */
  waiting: LiveSeries[] | undefined
  /** Live points later than any step that is known; they are added when one comes. */
  early: LiveSeries[] = []

  constructor(request: ChartRequest) {
    this.request = request
  }

  list(): SeriesBuffer[] {
    return [...this.buffers.values()].sort(
      (a, b) => this.#rank(a) - this.#rank(b) || compareSources(a.source, b.source),
    )
  }

  covers(key: string, source: string): boolean {
    return this.request.keys.includes(key) && matchesSource(this.request.source, source)
  }

  touch(): void {
    this.version += 1
    this.onChange?.()
  }

  #rank(buffer: SeriesBuffer): number {
    return this.request.keys.indexOf(buffer.key)
  }
}

function matchesSource(pattern: string, source: string): boolean {
  if (pattern === '*') return true
  return pattern.endsWith('*') ? source.startsWith(pattern.slice(0, -1)) : source === (pattern || jobSource)
}

function compareSources(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
