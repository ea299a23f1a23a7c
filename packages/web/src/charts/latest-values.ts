/** The newest value of each series of a job: from snapshots, and from the live points behind them. */
import type { LatestMetric } from '@pilothouse/contract'
import { gpuResourceKeys, hostResourceKeys, jobSource } from '@pilothouse/contract/wire'
import { Pace } from '../ui/pace.ts'
import type { LiveSeries } from './chart-data.ts'

/** Values on cards change at most so often. */
const publishEveryMs = 250

/** Keys of the job's own metrics, and whether any of them knows an epoch. */
export type LoggedKeys = {
  keys: readonly string[]
  hasEpochs: boolean
  /** Sources of each key that others than the job log too; without what is measured of machines. */
  sources: ReadonlyMap<string, readonly string[]>
}

export class LatestValues {
  readonly #values = new Map<string, LatestMetric>()
  readonly #listeners = new Set<() => void>()
  #list: readonly LatestMetric[] | undefined
  #logged: LoggedKeys | undefined
  #newest: { time: number; step: number } | undefined
  #knownSeries = 0
  /** Something changed since the list was made. */
  #isStale = false
  readonly #pace = new Pace(() => this.#publish())

  /** The same object until something changes. Undefined before the first snapshot. */
  get list(): readonly LatestMetric[] | undefined {
    return this.#list
  }

  /** The same object until a key appears. Undefined before the first snapshot. */
  get logged(): LoggedKeys | undefined {
    return this.#logged
  }

  /** Newest time of any series, and the step at which the job itself is. */
  get newest(): { time: number; step: number } | undefined {
    return this.#newest
  }

  find(key: string, source: string): LatestMetric | undefined {
    return this.#values.get(`${source}\n${key}`)
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes a snapshot in and tells it at once. */
  load(snapshot: readonly LatestMetric[]): void {
    for (const metric of snapshot) {
      const known = this.find(metric.key, metric.source)
      this.#put(known?.branch === metric.branch ? joinLatest(known, metric) : metric)
    }
    this.#publish()
  }

  /** Takes live points in; `tellSoon` tells them. */
  note(series: LiveSeries): void {
    if (series.values.length === 0) return
    const known = this.find(series.key, series.source)
    const total = series.from + series.values.length
    if (known && known.branch === series.branch && known.total >= total) return
    this.#put(extend(known, series, total))
    this.#isStale = true
  }

  tellSoon(): void {
    if (this.#isStale) this.#pace.ask(publishEveryMs)
  }

  close(): void {
    this.#pace.stop()
  }

  #put(metric: LatestMetric): void {
    this.#values.set(`${metric.source}\n${metric.key}`, metric)
  }

  #publish(): void {
    this.#isStale = false
    this.#list = [...this.#values.values()]
    this.#newest = findNewest(this.#list)
    this.#noteKeys(this.#list)
    for (const listener of this.#listeners) listener()
  }

  /** Series only come; with the first epoch, charts may have another axis. */
  #noteKeys(latest: readonly LatestMetric[]): void {
    if (latest.length === this.#knownSeries && this.#logged?.hasEpochs === true) return
    const logged = listLogged(latest)
    if (latest.length === this.#knownSeries && logged.hasEpochs === this.#logged?.hasEpochs) return
    this.#knownSeries = latest.length
    this.#logged = logged
  }
}

function findNewest(latest: readonly LatestMetric[]): { time: number; step: number } | undefined {
  let newest: LatestMetric | undefined
  let own: LatestMetric | undefined
  for (const metric of latest) {
    if (metric.time >= (newest?.time ?? -Infinity)) newest = metric
    if (metric.source === jobSource && metric.time >= (own?.time ?? -Infinity)) own = metric
  }
  return newest && { time: newest.time, step: own?.step ?? Number.NaN }
}

function listLogged(latest: readonly LatestMetric[]): LoggedKeys {
  const own = latest.filter(({ source }) => source === jobSource)
  return {
    keys: own.map(({ key }) => key).sort(),
    hasEpochs: own.some(({ epoch }) => epoch !== null),
    sources: listSources(latest),
  }
}

function listSources(latest: readonly LatestMetric[]): Map<string, string[]> {
  const sources = new Map<string, string[]>()
  for (const { key, source } of latest) {
    if (key in hostResourceKeys || key in gpuResourceKeys) continue
    sources.set(key, [...(sources.get(key) ?? []), source])
  }
  for (const [key, all] of sources) {
    if (all.length === 1 && all[0] === jobSource) sources.delete(key)
    else all.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
  }
  return sources
}

function extend(known: LatestMetric | undefined, series: LiveSeries, total: number): LatestMetric {
  const end = series.values.length - 1
  const step = series.steps[end] ?? 0
  const next: LatestMetric = {
    ...(known ?? { min: Number.NaN, minStep: step, max: Number.NaN, maxStep: step, nonFinite: 0 }),
    key: series.key,
    source: series.source,
    branch: series.branch,
    total,
    step,
    epoch: series.epochs[end] ?? null,
    time: series.times[end] ?? 0,
    value: Number(series.values[end]),
  }
  series.values.forEach((raw, at) => {
    const value = Number(raw)
    if (!Number.isFinite(value)) next.nonFinite += 1
    if (Number.isFinite(value) && !(next.min <= value))
      Object.assign(next, { min: value, minStep: series.steps[at] ?? step })
    if (Number.isFinite(value) && !(next.max >= value))
      Object.assign(next, { max: value, maxStep: series.steps[at] ?? step })
  })
  return next
}

/** What came live may be newer than the snapshot, but only the snapshot has seen the whole series. */
function joinLatest(known: LatestMetric, snapshot: LatestMetric): LatestMetric {
  if (snapshot.total >= known.total) return snapshot
  const lower = known.min < snapshot.min ? known : snapshot
  const higher = known.max > snapshot.max ? known : snapshot
  return { ...known, min: lower.min, minStep: lower.minStep, max: higher.max, maxStep: higher.maxStep }
}
