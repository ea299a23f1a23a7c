import type { XAxis } from '@pilothouse/contract'
import { readAxis } from '@pilothouse/contract/wire'
import { readChoice, readList } from '../app/search-params.ts'

export const jobTabs = ['overview', 'metrics', 'samples', 'resources', 'logs', 'configuration'] as const
/** Steps of samples side by side, the one that moves not counted. */
export const pinsMax = 3

export type JobTab = (typeof jobTabs)[number]

/** Smoothing when the address names none: enough to see the way of a noisy loss; the raw line stays behind it. */
export const defaultSmoothing = 0.8

/** The view of a job as its address has it; absent = default. Numbers stay text here, as they stand in the address. */
export type JobSearch = {
  tab?: Exclude<JobTab, 'overview'>
  /** Absent = what the script says of each metric, else steps. */
  x?: XAxis
  /** 0 … 0.99 */
  smooth?: string
  /** Part of the x axis that is shown, `from,to`, or `from,to,axis` where the charts have not all the same one. */
  range?: string
  /** Charts with a logarithmic axis. */
  log?: string[]
  /** Charts shown as a table. */
  table?: string[]
  /** Words that the names of the shown metrics hold. */
  keys?: string
  /** Key of the samples that are looked at, its step (absent = the newest), and the steps beside it. */
  sample?: string
  at?: string
  pin?: string[]
  /** Line of the log that is looked at, counted from 1. */
  line?: string
}

export function readJobSearch(raw: Record<string, unknown>): JobSearch {
  const parts = {
    tab: readChoice(raw['tab'], ['metrics', 'samples', 'resources', 'logs', 'configuration'] as const),
    x: readAxis(raw['x']),
    smooth: readSmoothing(raw['smooth']) === undefined ? undefined : String(readSmoothing(raw['smooth'])),
    range: readRange(raw['range']) ? String(raw['range']) : undefined,
    log: filled(readList(raw['log'])),
    table: filled(readList(raw['table'])),
    keys: typeof raw['keys'] === 'string' && raw['keys'] !== '' ? raw['keys'] : undefined,
    sample: typeof raw['sample'] === 'string' && raw['sample'] !== '' ? raw['sample'] : undefined,
    at: isStep(raw['at']) ? raw['at'] : undefined,
    pin: filled(readList(raw['pin']).filter(isStep).slice(0, pinsMax)),
    line: readLine(raw['line']) === undefined ? undefined : String(readLine(raw['line'])),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}

function isStep(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
}

/** A number of a line, counted from 1. */
export function readLine(value: unknown): number | undefined {
  const line = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : 0
  return line > 0 ? line : undefined
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
  return factor >= 0 && factor <= 0.99 ? factor : undefined
}

function filled(items: string[]): string[] | undefined {
  return items.length > 0 ? items : undefined
}
