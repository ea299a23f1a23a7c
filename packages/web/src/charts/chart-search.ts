import type { XAxis } from '@pilothouse/contract'
import { readAxis, smoothMax } from '@pilothouse/contract/wire'
import { readChoice, readList } from '../app/search-params.ts'
import { readFrame } from './moving-frame.ts'

/** Weight of the average of each series; `auto` leaves it to the server: enough to see the way of a noisy loss. */
export type Smooth = number | 'auto'

/** How charts are looked at, as an address has it; absent = default. Numbers stay text here, as they stand in the address. */
export type ChartSearch = {
  /** Absent = what the script says of each metric, else steps. */
  x?: XAxis
  /** 0 … 0.999; absent = by the length of each series. */
  smooth?: string
  /** Part of the x axis that is shown, `from,to`, or `from,to,axis` where the charts have not all the same one. */
  range?: string
  /** The newest part of the x axis, `15m` or a number of steps (moving-frame.ts). */
  last?: string
  /** The y axis is that of the bulk of the values (chart-extent.ts). */
  clip?: '1'
  /** The x axis of all charts is logarithmic; times of day have none. */
  xlog?: '1'
  /** Charts with a logarithmic axis. */
  log?: string[]
  /** Charts with a logarithmic axis on the right. */
  rlog?: string[]
  /** Charts that stand above all others, in this order. */
  pinned?: string[]
  /** Names of the groups of charts that are folded. */
  folded?: string[]
  /** Metrics put onto the chart of others, `title:key`, and those that have their axis on its right side. */
  join?: string[]
  right?: string[]
  /** What charts show of metrics with several sources, `title:mode` (source-mode.ts). */
  sources?: string[]
  /** Charts shown as a table. */
  table?: string[]
  /** The chart that fills the window. */
  full?: string
  /** Words that the names of the shown metrics hold. */
  keys?: string
}

export function readChartSearch(raw: Record<string, unknown>): ChartSearch {
  const parts = {
    x: readAxis(raw['x']),
    smooth: readSmoothing(raw['smooth']) === undefined ? undefined : String(readSmoothing(raw['smooth'])),
    range: readRange(raw['range']) ? String(raw['range']) : undefined,
    last: readFrame(raw['last']) ? String(raw['last']) : undefined,
    clip: readChoice(raw['clip'], ['1']),
    xlog: readChoice(raw['xlog'], ['1']),
    ...readLists(raw),
    full: typeof raw['full'] === 'string' && raw['full'] !== '' ? raw['full'] : undefined,
    keys: typeof raw['keys'] === 'string' && raw['keys'] !== '' ? raw['keys'] : undefined,
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}

export type Range = readonly [from: number, to: number]

/** `from,to` with from < to, and the axis if it is named; null for anything else. */
export function readRange(value: unknown): { range: Range; axis: XAxis | undefined } | null {
  const parts = typeof value === 'string' ? value.split(',') : []
  const [from = Number.NaN, to = Number.NaN] = parts.slice(0, 2).map(Number)
  // A key may have commas of its own.
  const axis = readAxis(parts.slice(2).join(','))
  if (parts.length > 2 && axis === undefined) return null
  return from < to && Number.isFinite(to - from) ? { range: [from, to], axis } : null
}

/** Five significant digits of the range's width are enough for an address. */
export function formatRange([from, to]: Range): string {
  const digits = Math.max(0, 4 - Math.floor(Math.log10(to - from)))
  return [from, to].map((value) => Number(value.toFixed(Math.min(12, digits)))).join(',')
}

export function readSmoothing(value: unknown): number | undefined {
  const factor = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
  return factor >= 0 && factor <= smoothMax ? factor : undefined
}

const lists = ['log', 'rlog', 'table', 'pinned', 'folded', 'join', 'right', 'sources'] as const
/** Parts of an address that are lists of names. */
export type ListName = (typeof lists)[number]

function readLists(raw: Record<string, unknown>): ChartSearch {
  return Object.fromEntries(lists.map((name) => [name, filled(readList(raw[name]))]))
}

function filled(items: string[]): string[] | undefined {
  return items.length > 0 ? items : undefined
}
