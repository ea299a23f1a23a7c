import type { JobKind, JobState } from '@pilothouse/contract'
import { jobKinds, jobSorts, jobStates } from '@pilothouse/contract/wire'
import { addWays, type AddWay } from '../add-job/add-ways.ts'
import { formatSearch, readChoice, readList } from '../app/search-params.ts'
import { type Column, columnsMax, isValueName, readColumn, type Sort } from './job-columns.ts'

export const chartDays = ['7', '30', '90'] as const
export type ChartDays = (typeof chartDays)[number]
const times = ['1d', '7d', '30d'] as const
export type TimeSpan = (typeof times)[number]

/** The dashboard as its address has it; what is absent stands for the default. */
export type JobsSearch = {
  q?: string
  state?: JobState[]
  kind?: JobKind
  project?: string[]
  target?: string[]
  tag?: string[]
  owner?: string[]
  time?: TimeSpan
  sort?: Sort
  order?: 'asc' | 'desc'
  view?: 'table'
  /** Of the table, in their order; absent = the usual ones. */
  columns?: Column[]
  /** Charts over the list are open, for so many days. */
  charts?: ChartDays
  /** The sheet «add a job» is open, at this way. */
  add?: AddWay
}

/** Reads the address; unknown words are dropped, not refused. */
export function readJobsSearch(raw: Record<string, unknown>): JobsSearch {
  const list = (key: string): string[] | undefined => keepFilled(readList(raw[key]))
  const states = keepFilled(
    readList(raw['state']).filter((word): word is JobState => jobStates.some((state) => state === word)),
  )
  const parts = {
    q: typeof raw['q'] === 'string' && raw['q'] !== '' ? raw['q'] : undefined,
    state: states,
    kind: readChoice(raw['kind'], jobKinds),
    project: list('project'),
    target: list('target'),
    tag: list('tag'),
    owner: list('owner'),
    time: readChoice(raw['time'], times),
    sort: readSort(raw['sort']),
    order: readChoice(raw['order'], ['asc', 'desc'] as const),
    view: readChoice(raw['view'], ['table'] as const),
    columns: readColumns(raw['columns']),
    charts: readChoice(raw['charts'], chartDays),
    add: readChoice(raw['add'], addWays),
  }
  return dropAbsent(parts)
}

/** What a saved view keeps: all but the open sheet. */
export function formatJobsView({ add: _, ...kept }: JobsSearch): string {
  return formatSearch(kept).slice(1)
}

/** True when a filter is on; sorting, the kind of list and the open sheet are none. */
export function hasFilter(search: JobsSearch): boolean {
  const { sort: _, order: __, view: ___, columns: ____, charts: _____, add: ______, ...filters } = search
  return Object.keys(filters).length > 0
}

function readSort(value: unknown): Sort | undefined {
  if (typeof value === 'string' && isValueName(value)) return value
  return readChoice(value, jobSorts)
}

function readColumns(value: unknown): Column[] | undefined {
  const columns = readList(value).flatMap((text) => readColumn(text) ?? [])
  return keepFilled([...new Set(columns)].slice(0, columnsMax))
}

function keepFilled<Item>(items: Item[]): Item[] | undefined {
  return items.length > 0 ? items : undefined
}

function dropAbsent(parts: { [Key in keyof JobsSearch]: JobsSearch[Key] | undefined }): JobsSearch {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}
