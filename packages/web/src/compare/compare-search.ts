import { limits } from '@pilothouse/contract/wire'
import { readChoice, readList } from '../app/search-params.ts'
import type { Band } from '../charts/average-jobs.ts'
import { readChartSearch, type ChartSearch } from '../charts/chart-search.ts'

export const compareTabs = ['metrics', 'settings', 'results', 'time', 'environment', 'influence', 'space'] as const
export type CompareTab = (typeof compareTabs)[number]

export const bands = ['range', 'sd'] as const satisfies readonly Band[]

/** A comparison as its address has it; absent = default. */
export type CompareSearch = ChartSearch & {
  /** Uids; the order is that of the columns, and decides the colours. */
  job?: string[]
  tab?: CompareTab
  /** Instead of jobs: all that match, as the list of jobs is searched. Empty = all. */
  search?: string
  /** Tables also have rows in which all jobs are alike. */
  all?: '1'
  /** The metric that settings are held against. */
  metric?: string
  /** Jobs with the same value of this make one line: `config.lr`, `model`. */
  by?: string
  /** How far the jobs of a group lie apart; absent = from the lowest to the highest. */
  band?: Exclude<Band, 'range'>
  /** Axes of parallel coordinates in their order; others follow. */
  axis?: string[]
  /** Axes with the high end at the foot. */
  flip?: string[]
  /** Ranges on axes, `name:from,to` (parallel-axes.ts). */
  brush?: string[]
  /** What spans the space, and what colours its points (space-measures.ts). */
  sx?: string
  sy?: string
  sz?: string
  sc?: string
  /** From where the space is looked at, `turn,lift,zoom` (space-projection.ts). */
  stance?: string
  /** Without perspective. */
  flat?: '1'
}

export function readCompareSearch(raw: Record<string, unknown>): CompareSearch {
  const jobs = [...new Set(readList(raw['job']))].slice(0, limits.compareJobsMax)
  const tab = readChoice(raw['tab'], compareTabs)
  const { metric, by } = raw
  const band = readChoice(raw['band'], bands)
  return {
    ...readChartSearch(raw),
    ...(jobs.length > 0 ? { job: jobs } : {}),
    ...(tab === undefined || tab === 'metrics' ? {} : { tab }),
    ...(raw['all'] === '1' ? { all: '1' } : {}),
    ...(isText(metric) ? { metric } : {}),
    ...(jobs.length === 0 && typeof raw['search'] === 'string' ? { search: raw['search'] } : {}),
    ...(isText(by) ? { by } : {}),
    ...(band === undefined || band === 'range' ? {} : { band }),
    ...readLists(raw),
    ...readTexts(raw),
    ...(raw['flat'] === '1' ? { flat: '1' } : {}),
  }
}

const lists = ['axis', 'flip', 'brush'] as const

function readLists(raw: Record<string, unknown>): Partial<CompareSearch> {
  return Object.fromEntries(
    lists.map((name) => [name, readList(raw[name])] as const).filter(([, items]) => items.length > 0),
  )
}

const texts = ['sx', 'sy', 'sz', 'sc', 'stance'] as const

function readTexts(raw: Record<string, unknown>): Partial<CompareSearch> {
  return Object.fromEntries(texts.flatMap((name) => (isText(raw[name]) ? [[name, raw[name]] as const] : [])))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
