import type { XAxis } from '@pilothouse/contract'
import { xAxes } from '@pilothouse/contract/wire'
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
  x?: Exclude<XAxis, 'step'>
  /** 0 … 0.99 */
  smooth?: string
  /** Part of the x axis that is shown, `from,to`. */
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
}

export function readJobSearch(raw: Record<string, unknown>): JobSearch {
  const parts = {
    tab: readChoice(raw['tab'], ['metrics', 'samples', 'resources', 'logs', 'configuration'] as const),
    x: readChoice(
      raw['x'],
      xAxes.filter((axis) => axis !== 'step'),
    ),
    smooth: readSmoothing(raw['smooth']) === undefined ? undefined : String(readSmoothing(raw['smooth'])),
    range: readRange(raw['range']) ? String(raw['range']) : undefined,
    log: filled(readList(raw['log'])),
    table: filled(readList(raw['table'])),
    keys: typeof raw['keys'] === 'string' && raw['keys'] !== '' ? raw['keys'] : undefined,
    sample: typeof raw['sample'] === 'string' && raw['sample'] !== '' ? raw['sample'] : undefined,
    at: isStep(raw['at']) ? raw['at'] : undefined,
    pin: filled(readList(raw['pin']).filter(isStep).slice(0, pinsMax)),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}

function isStep(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
}

/** `from,to` with from < to; null for anything else. */
export function readRange(value: unknown): readonly [number, number] | null {
  const [from = Number.NaN, to = Number.NaN] = typeof value === 'string' ? value.split(',').map(Number) : []
  return from < to && Number.isFinite(to - from) ? [from, to] : null
}

/** Five significant digits of the range's width are enough for an address. */
export function formatRange([from, to]: readonly [number, number]): string {
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
