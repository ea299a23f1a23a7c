/**
 * Everything that the charts and value cards of one job live on. Snapshots are fetched for what is on screen, coalesced
 * into one query for all charts that ask alike; live points go to whoever shows their series. A paused feed lets events
 * pass and takes snapshots again when it resumes, so that nothing is missing and nothing doubled.
 */
import type { LatestMetric, MetricAnswer, MetricsEvent, XAxis } from '@pilothouse/contract'
import type { Client, Live } from '@pilothouse/client'
import { jobSource, keyOfAxis } from '@pilothouse/contract/wire'
import { AxisTail } from './axis-tail.ts'
import { ChartData, type ChartFeed, type ChartRequest, type LiveSeries } from './chart-data.ts'
import { LatestValues, type LoggedKeys } from './latest-values.ts'
import { SeriesBuffer, type LivePlace } from './series-buffer.ts'
import { StepClock, type ClockAxis } from './step-clock.ts'
import { readTrend, type Trend } from './trend.ts'

/** A snapshot waits at most so long for its subscription; then it goes ahead, and is taken again once that stands. */
const subscribeWaitMs = 400
const retryAfterMs = 3_000

/** After points were left out of events, snapshots are taken again at most so often. */
const refreshEveryMs = 2_000

/** Events that a picture keeps until a later step is known; of more it takes a snapshot. */
const earlyMax = 200

const topicKinds = ['metrics', 'resources'] as const

export type JobFeedOptions = {
  client: Client
  live: Live
  uid: string
  /** Written into its series, so that several jobs in one picture are told apart. */
  member?: string
  /** Absent = the current one, wherever the job goes. */
  branch?: number | undefined
  /** Without: what is there is fetched once, for a job that has ended. */
  isLive?: boolean
}

export class JobFeed implements ChartFeed {
  readonly #client: Client
  readonly #uid: string
  readonly #member: string
  readonly #branch: number | undefined
  readonly #charts = new Set<ChartData>()
  readonly #due = new Set<ChartData>()
  readonly #latest = new LatestValues()
  /** By key, for the charts that are open. */
  readonly #tails = new Map<string, AxisTail>()
  /** For pictures of what is measured of machines. */
  readonly #clocks = new Map<ClockAxis, StepClock>()
  readonly #undo: (() => void)[]
  readonly #stop = new AbortController()
  #refreshTimer: ReturnType<typeof setTimeout> | undefined
  #loadTimer: ReturnType<typeof setTimeout> | undefined
  #standing = new Set<string>()
  #mayLoad = false
  #paused = false
  /** Newest values are only asked for once somebody wants them: an overlay of many jobs does not. */
  #wantsLatest = false
  /** Start of the job, server's clock: the zero of «relative». */
  origin = 0

  constructor({ client, live, uid, member = '', branch, isLive = true }: JobFeedOptions) {
    this.#client = client
    this.#uid = uid
    this.#member = member
    this.#branch = branch
    const fallback = setTimeout(() => this.#begin(), isLive ? subscribeWaitMs : 0)
    this.#undo = [() => clearTimeout(fallback)]
    for (const kind of isLive ? topicKinds : []) {
      const undo = live.subscribe<`metrics:${string}` | `resources:${string}`>(`${kind}:${uid}`, {
        onEvent: (event) => this.#take(event),
        onReset: () => this.#stand(kind),
      })
      this.#undo.push(undo)
    }
  }

  /** Begins to keep the data of a picture; returns it and its undo. */
  open(request: ChartRequest): { data: ChartData; close: () => void } {
    const data = new ChartData(request)
    this.#charts.add(data)
    this.#openTail(keyOfAxis(request.x))
    this.#openClock(clockAxisOf(request))
    this.#load(data)
    return {
      data,
      close: () => {
        this.#charts.delete(data)
        this.#due.delete(data)
        const key = keyOfAxis(request.x)
        if (key !== undefined && ![...this.#charts].some((other) => other.request.x === request.x))
          this.#tails.delete(key)
      },
    }
  }

  #openTail(key: string | undefined): void {
    if (key === undefined || this.#tails.has(key)) return
    this.#wantLatest()
    const tail = new AxisTail()
    const newest = this.#latest.find(key, jobSource)
    if (newest) tail.seed(newest)
    this.#tails.set(key, tail)
  }

  #openClock(axis: ClockAxis | undefined): void {
    if (axis === undefined || this.#clocks.has(axis)) return
    this.#wantLatest()
    const clock = new StepClock(axis)
    clock.seed(this.#latest.list ?? [])
    this.#clocks.set(axis, clock)
  }

  /** Newest values of all series; the same object until something changes. Undefined before the first answer. */
  latest = (): readonly LatestMetric[] | undefined => this.#latest.list

  /** The same object until a key appears. Undefined before the first answer. */
  logged = (): LoggedKeys | undefined => this.#latest.logged

  newest = (x: XAxis): number | undefined => {
    this.#wantLatest()
    const { time = Number.NaN, step = Number.NaN } = this.#latest.newest ?? {}
    const place = x === 'step' ? step : x === 'wall' ? time : x === 'relative' ? time - this.origin : Number.NaN
    return Number.isFinite(place) ? place : undefined
  }

  /** Where a metric of the job is going, as far as a chart on screen knows. */
  trend(key: string): Trend | null {
    for (const { buffers, request } of this.#charts) {
      const buffer = request.range === null ? buffers.get(`${jobSource}\n${key}`) : undefined
      if (buffer) return readTrend(buffer)
    }
    return null
  }

  subscribeLatest = (listener: () => void): (() => void) => {
    this.#wantLatest()
    return this.#latest.subscribe(listener)
  }

  #wantLatest(): void {
    if (this.#wantsLatest) return
    this.#wantsLatest = true
    if (this.#mayLoad) void this.#loadLatest()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.refresh()
  }

  /** Takes all snapshots again. */
  refresh(): void {
    for (const data of this.#charts) this.#load(data)
    if (this.#wantsLatest) void this.#loadLatest()
  }

  close(): void {
    this.#stop.abort()
    this.#undo.forEach((undo) => undo())
    this.#latest.close()
    clearTimeout(this.#loadTimer)
    clearTimeout(this.#refreshTimer)
  }

  #stand(kind: string): void {
    this.#standing.add(kind)
    if (this.#paused) return
    if (this.#mayLoad) this.refresh()
    else if (this.#standing.size === topicKinds.length) this.#begin()
  }

  #begin(): void {
    if (this.#mayLoad) return
    this.#mayLoad = true
    this.refresh()
  }

  #take(event: MetricsEvent): void {
    if (this.#paused) return
    const own = event.series.filter(({ branch }) => this.#branch === undefined || branch === this.#branch)
    // Axes first: points may lie at what the same event brings.
    for (const series of own) if (series.source === jobSource) this.#advance(series)
    for (const data of this.#charts) this.#addEarly(data)
    for (const series of own) {
      this.#latest.note(series)
      for (const data of this.#charts) {
        if (data.covers(series.key, series.source)) this.#append(data, series)
      }
    }
    this.#latest.tellSoon()
    if (event.skipped === 0) return
    this.#refreshTimer ??= setTimeout(() => {
      this.#refreshTimer = undefined
      if (!this.#paused) this.refresh()
    }, refreshEveryMs)
  }

  /** The job went on: what is drawn over it has places up to here. */
  #advance(series: LiveSeries): void {
    this.#tails.get(series.key)?.add(series)
    for (const clock of this.#clocks.values()) clock.add(series)
  }

  #addEarly(data: ChartData): void {
    const { early } = data
    if (early.length === 0) return
    data.early = []
    for (const series of early) this.#append(data, series)
  }

  #keepEarly(data: ChartData, series: LiveSeries): void {
    data.early.push(series)
    if (data.early.length <= earlyMax) return
    data.early = []
    this.#load(data)
  }

  #append(data: ChartData, series: LiveSeries): void {
    if (data.waiting) return void data.waiting.push(series)
    if (this.#due.has(data) || data.status !== 'ready') return
    if (this.#clockOf(data)?.isBefore(series.times.at(-1))) return this.#keepEarly(data, series)
    const name = `${series.source}\n${series.key}`
    const buffer = data.buffers.get(name) ?? new SeriesBuffer(series.key, series.source, this.#member)
    const isNew = !data.buffers.has(name)
    const goesOn = isNew ? series.from === 0 : buffer.branch === series.branch
    if (data.request.range) return this.#appendInRange(data, series)
    // How a new series is averaged, a snapshot says.
    if (isNew && data.request.smooth !== 0) return this.#load(data)
    if (!goesOn || !buffer.append(series, data.request.x, this.#placeOf(data)) || buffer.isLong())
      return this.#load(data)
    if (isNew) buffer.branch = series.branch
    data.buffers.set(name, buffer)
    data.touch()
  }

  /** A zoomed picture that ends in the past stays as it is; one that reaches beyond the newest point grows with it. */
  #appendInRange(data: ChartData, series: LiveSeries): void {
    const buffer = data.buffers.get(`${series.source}\n${series.key}`)
    const end = data.request.range?.[1] ?? 0
    // Without an end it also grows where nothing lay in it yet.
    if (!buffer && end === Number.POSITIVE_INFINITY) return this.#load(data)
    const none = end === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : Number.NaN
    const newest = buffer && buffer.size > 0 ? (buffer.x[buffer.size - 1] ?? none) : none
    if (!buffer || !(newest < end)) return
    if (!buffer.append(series, data.request.x, this.#placeOf(data)) || buffer.isLong()) return this.#load(data)
    data.touch()
  }

  #placeOf(data: ChartData): LivePlace {
    const key = keyOfAxis(data.request.x)
    const along = key === undefined ? undefined : this.#tails.get(key)
    return { origin: this.origin, along, clock: this.#clockOf(data) }
  }

  #clockOf({ request }: ChartData): StepClock | undefined {
    const axis = clockAxisOf(request)
    return axis && this.#clocks.get(axis)
  }

  #load(data: ChartData): void {
    this.#due.add(data)
    if (!this.#mayLoad || this.#loadTimer) return
    // One turn of the event loop gathers every chart that mounts at the same time.
    this.#loadTimer = setTimeout(() => {
      this.#loadTimer = undefined
      const idle = [...this.#due].filter(({ waiting }) => !waiting)
      for (const group of groupAlike(idle)) void this.#loadGroup(group)
    }, 0)
  }

  async #loadGroup(group: readonly ChartData[]): Promise<void> {
    const [first] = group
    if (!first) return
    const { source, x, range, points, smooth, byTime } = first.request
    const key = [...new Set(group.flatMap(({ request }) => request.keys))]
    for (const data of group) {
      this.#due.delete(data)
      data.waiting = []
    }
    try {
      const bounds = range ? { from: range[0], ...(Number.isFinite(range[1]) ? { to: range[1] } : {}) } : {}
      const by = byTime ? { by: 'time' as const } : {}
      const query = { key, source, x, points, smooth, ...by, ...bounds, ...this.#ofBranch() }
      const answer = await this.#client.metrics(this.#uid, query, this.#stop.signal)
      for (const data of group) this.#fill(data, answer)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      for (const data of group) this.#fail(data, error)
    }
  }

  #ofBranch(): { branch?: number } {
    return this.#branch === undefined ? {} : { branch: this.#branch }
  }

  #fill(data: ChartData, answer: MetricAnswer): void {
    const waiting = data.waiting ?? []
    data.waiting = undefined
    for (const series of answer.series) {
      if (!data.covers(series.key, series.source)) continue
      const name = `${series.source}\n${series.key}`
      const buffer = data.buffers.get(name) ?? new SeriesBuffer(series.key, series.source, this.#member)
      buffer.load(series)
      data.buffers.set(name, buffer)
    }
    data.status = 'ready'
    data.error = undefined
    for (const series of waiting) this.#append(data, series)
    data.touch()
    if (this.#due.has(data)) this.#load(data)
  }

  /** What is on screen stays there; the charts try again when the line is back, or after a while. */
  #fail(data: ChartData, error: unknown): void {
    data.waiting = undefined
    data.error = error instanceof Error ? error : new Error(String(error))
    if (data.status === 'loading') data.status = 'failed'
    data.touch()
    setTimeout(() => {
      if (this.#charts.has(data) && data.error) this.#load(data)
    }, retryAfterMs)
  }

  async #loadLatest(): Promise<void> {
    const { signal } = this.#stop
    try {
      const answer = await this.#client.call('metrics.latest', {
        params: { uid: this.#uid },
        query: { source: '*', ...this.#ofBranch() },
        signal,
      })
      this.#latest.load(answer.metrics)
      for (const clock of this.#clocks.values()) clock.seed(answer.metrics)
      for (const metric of answer.metrics) if (metric.source === jobSource) this.#seedTail(metric)
    } catch {
      // The charts say what is wrong with the line; values stay as they are and come again with the next snapshot.
    }
  }

  /** Points that came before their axis was known had no place: they are fetched. */
  #seedTail(metric: LatestMetric): void {
    const tail = this.#tails.get(metric.key)
    if (!tail) return
    const wasEmpty = tail.isEmpty
    tail.seed(metric)
    if (!wasEmpty) return
    for (const data of this.#charts) if (keyOfAxis(data.request.x) === metric.key) this.#load(data)
  }
}

/** The axis on which the job says where these points lie. */
function clockAxisOf({ x, byTime }: ChartRequest): ClockAxis | undefined {
  return byTime && (x === 'step' || x === 'epoch') ? x : undefined
}

function groupAlike(due: readonly ChartData[]): ChartData[][] {
  const groups = new Map<string, ChartData[]>()
  for (const data of due) {
    const { source, x, range, points, smooth, byTime } = data.request
    const name = JSON.stringify([source, x, range, points, smooth, byTime])
    groups.set(name, [...(groups.get(name) ?? []), data])
  }
  return [...groups.values()]
}
