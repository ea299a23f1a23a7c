/** What memory holds of a group: its series with their summaries, and their heads, the points not yet in a chunk. */
import { Axis, type Rows } from './axis.ts'
import { fillRun, growRun, keepRun, measureRun, type Run } from './run.ts'

export type SeriesName = { branch: number; source: string; key: string }

/** The newest points of a series: those behind `sealed`. */
export type Head = { axis: Axis; values: Run }

export type Series = SeriesName & {
  readonly id: number
  readonly group: number
  /** Number of the WAL row that made it; older rows speak of a series that was deleted and had the same id. */
  readonly born: number
  /** Points so far. */
  total: number
  /** Points in chunks; the head begins with this number. */
  sealed: number
  head: Head | undefined
  /** Chunks behind the last page of table `lod`; undefined when not counted yet. */
  unpaged: number | undefined
  step: number
  time: number
  epoch: number
  value: number
  min: number
  minStep: number
  max: number
  maxStep: number
  nonFinite: number
}

export type Group = {
  readonly id: number
  readonly series: Map<number, Series>
  /** By branch and source (`nameSource`), then by key. */
  readonly names: Map<string, Map<string, Series>>
  /** Newest WAL row staged for it, and newest that has been applied. */
  staged: number
  applied: number
  /** When points were staged for it last, by the clock of the limits. */
  writtenAt: number
  /** Oldest applied WAL row that tail and summary do not have; undefined when they have all. */
  dirtyFrom: number | undefined
  /** Memory it takes, as measured last. */
  bytes: number
  /** Changed since it was measured. */
  touched: boolean
}

export function makeGroup(id: number): Group {
  return {
    id,
    series: new Map(),
    names: new Map(),
    staged: 0,
    applied: 0,
    writtenAt: -Infinity,
    dirtyFrom: undefined,
    bytes: 0,
    touched: true,
  }
}

export function makeSeries(group: number, id: number, born: number, name: SeriesName): Series {
  return {
    id,
    group,
    born,
    branch: name.branch,
    source: name.source,
    key: name.key,
    total: 0,
    sealed: 0,
    head: undefined,
    unpaged: undefined,
    step: Number.NaN,
    time: Number.NaN,
    epoch: Number.NaN,
    value: Number.NaN,
    min: Number.NaN,
    minStep: Number.NaN,
    max: Number.NaN,
    maxStep: Number.NaN,
    nonFinite: 0,
  }
}

/** Unambiguous: a branch has no colon. */
export function nameSource(branch: number, source: string): string {
  return `${branch}:${source}`
}

export function addSeries(group: Group, series: Series): void {
  const name = nameSource(series.branch, series.source)
  const keys = group.names.get(name) ?? new Map<string, Series>()
  group.names.set(name, keys)
  keys.set(series.key, series)
  group.series.set(series.id, series)
}

export function countHead(series: Series): number {
  return series.total - series.sealed
}

/** Adds a block's rows to the heads and summaries of its series, one column of values for each. */
export function appendRows(all: readonly Series[], rows: Rows, columns: readonly ArrayLike<number>[]): void {
  const count = rows.steps.length
  if (count === 0) return
  const block = Symbol('block')
  let fresh: Axis | undefined
  for (let place = 0; place < all.length; place += 1) {
    const series = all[place]
    const column = columns[place]
    if (!series || !column) continue
    const length = countHead(series)
    if (!series.head) series.head = { axis: (fresh ??= new Axis()), values: [] }
    const { head } = series
    head.axis = head.axis.extend(length, rows, block)
    head.values = growRun(head.values, length, length + count)
    fillRun(head.values, length, column)
    widenRange(series, column, rows.steps)
    series.total += count
    series.step = rows.steps[count - 1] ?? Number.NaN
    series.time = rows.times[count - 1] ?? Number.NaN
    series.epoch = rows.epochs?.[count - 1] ?? Number.NaN
    series.value = column[count - 1] ?? Number.NaN
  }
}

function widenRange(series: Series, column: ArrayLike<number>, steps: ArrayLike<number>): void {
  let { min, max } = series
  let minAt = -1
  let maxAt = -1
  let nonFinite = 0
  for (let at = 0; at < column.length; at += 1) {
    const value = column[at] ?? 0
    if (value - value !== 0) {
      nonFinite += 1
      continue
    }
    if (!(value >= min)) {
      min = value
      minAt = at
    }
    if (!(value <= max)) {
      max = value
      maxAt = at
    }
  }
  series.nonFinite += nonFinite
  if (minAt >= 0) {
    series.min = min
    series.minStep = steps[minAt] ?? 0
  }
  if (maxAt >= 0) {
    series.max = max
    series.maxStep = steps[maxAt] ?? 0
  }
}

/** Forgets the first `count` points of a head, which a chunk has now. */
export function dropSealed(series: Series, count: number): void {
  const length = countHead(series)
  const { head } = series
  series.sealed += count
  if (!head) return
  if (count >= length) {
    series.head = undefined
    return
  }
  series.head = { axis: head.axis.take(count, length), values: keepRun(head.values, count, length) }
}

/** Bytes that a group takes in memory: series with their names, heads, each shared axis once. */
export function measureGroup(group: Group): { bytes: number; points: number } {
  const axes = new Set<Axis>()
  let bytes = groupBytes
  let points = 0
  for (const series of group.series.values()) {
    bytes += seriesBytes
    points += countHead(series)
    if (!series.head) continue
    bytes += measureRun(series.head.values)
    axes.add(series.head.axis)
  }
  for (const axis of axes) bytes += axis.bytes()
  return { bytes, points }
}

/** Measured with 400,000 series in memory. */
const groupBytes = 600
const seriesBytes = 700
