import type { XAxis } from '@pilothouse/contract'
import {
  formatRange,
  readRange,
  readSmoothing,
  type ChartSearch,
  type ListName,
  type Range,
  type Smooth,
} from './chart-search.ts'
import { kindOfAxis, readFrame, sizeOver } from './moving-frame.ts'

/** How the charts of a page are looked at, and the ways to change it. */
export type ChartView = {
  /** The axis that somebody chose for all charts; undefined leaves it to each. */
  x: XAxis | undefined
  smoothing: Smooth
  /** Outliers do not decide the y axis. */
  clip: boolean
  setClip: (on: boolean) => void
  logX: boolean
  setLogX: (on: boolean) => void
  isZoomed: boolean
  keys: string
  setX: (x: XAxis | undefined) => void
  setSmoothing: (smooth: Smooth) => void
  showAll: () => void
  /** As the address has it: the newest part of the axis is shown, and moves along. */
  last: string | undefined
  setLast: (last: string | undefined) => void
  /** Props of a chart over `x`: charts over the same axis show the same part. */
  zoomOf: (x: XAxis) => { range: Range | null; last: number | null; onRange: (range: Range | null) => void }
  setKeys: (keys: string) => void
  /** Props of one chart that live in the address. */
  of: (title: string) => {
    log: boolean
    onLog: (on: boolean) => void
    logRight: boolean
    onLogRight: (on: boolean) => void
    isTable: boolean
    onTable: (on: boolean) => void
    isFull: boolean
    onFull: (on: boolean) => void
    isPinned: boolean
    onPin: (on: boolean) => void
    /** Which of its sources it shows; undefined leaves that to the chart. */
    source: string | undefined
    onSource: (mode: string) => void
    /** Puts a metric of another chart onto it, or takes it away. */
    onJoin: (key: string, on: boolean) => void
    /** Gives a metric its axis on the right side. */
    onRight: (key: string, on: boolean) => void
  }
  /** `title:key` of each (combine-groups.ts). */
  joined: readonly string[]
  right: readonly string[]
  /** Charts that stand above all others, in this order. */
  pinned: readonly string[]
  folded: readonly string[]
  onFold: (group: string, on: boolean) => void
}

export type ChartSearchChange = { [Key in keyof ChartSearch]?: ChartSearch[Key] | undefined }

/**
 * The view that an address has, for any page with charts: `change` puts parts into the address, undefined takes them out.
 * Keep the object while the address is the same: charts compare it.
 */
export function makeChartView(search: ChartSearch, change: (next: ChartSearchChange) => void): ChartView {
  const toggle = (name: ListName, title: string, on: boolean): void => {
    const others = (search[name] ?? []).filter((one) => one !== title)
    change({ [name]: on ? [...others, title] : others })
  }
  const zoom = readRange(search.range)
  const frame = zoom ? undefined : readFrame(search.last)
  const all = { range: undefined, last: undefined }
  const zoomAxis = zoom?.axis ?? search.x ?? 'step'
  const writeRange = (range: Range, x: XAxis): string =>
    x === (search.x ?? 'step') ? formatRange(range) : `${formatRange(range)},${x}`
  return {
    x: search.x,
    smoothing: readSmoothing(search.smooth) ?? 'auto',
    clip: search.clip === '1',
    setClip: (on) => change({ clip: on ? '1' : undefined }),
    logX: search.xlog === '1',
    setLogX: (on) => change({ xlog: on ? '1' : undefined, range: undefined }),
    isZoomed: zoom !== null || frame !== undefined,
    keys: search.keys ?? '',
    setX: (x) => change(kindOfAxis(x ?? 'step') === frame?.kind ? { x, range: undefined } : { x, ...all }),
    setSmoothing: (smooth) => change({ smooth: smooth === 'auto' ? undefined : String(smooth) }),
    showAll: () => change(all),
    last: frame && search.last,
    setLast: (last) => change({ ...all, last }),
    zoomOf: (x) => ({
      range: zoom && zoomAxis === x ? zoom.range : null,
      last: sizeOver(x, frame),
      onRange: (range) => change(range === null ? all : { ...all, range: writeRange(range, x) }),
    }),
    setKeys: (keys) => change({ keys: keys === '' ? undefined : keys }),
    of: (title) => ({
      log: search.log?.includes(title) ?? false,
      onLog: (on) => toggle('log', title, on),
      logRight: search.rlog?.includes(title) ?? false,
      onLogRight: (on) => toggle('rlog', title, on),
      isTable: search.table?.includes(title) ?? false,
      onTable: (on) => toggle('table', title, on),
      isFull: search.full === title,
      onFull: (on) => change({ full: on ? title : undefined }),
      isPinned: search.pinned?.includes(title) ?? false,
      onPin: (on) => toggle('pinned', title, on),
      source: search.sources?.find((one) => one.startsWith(`${title}:`))?.slice(title.length + 1),
      onSource: (mode) => {
        const others = (search.sources ?? []).filter((one) => !one.startsWith(`${title}:`))
        change({ sources: [...others, `${title}:${mode}`] })
      },
      onJoin: (key, on) => {
        const name = `${title}:${key}`
        const others = (list: readonly string[] = []): string[] => list.filter((one) => one !== name)
        // What is put together has mostly not the same scale.
        const put = (list: readonly string[] | undefined): string[] => (on ? [...others(list), name] : others(list))
        change({ join: put(search.join), right: put(search.right) })
      },
      onRight: (key, on) => toggle('right', `${title}:${key}`, on),
    }),
    joined: search.join ?? [],
    right: search.right ?? [],
    pinned: search.pinned ?? [],
    folded: search.folded ?? [],
    onFold: (group, on) => toggle('folded', group, on),
  }
}
