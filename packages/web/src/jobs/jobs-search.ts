import type { JobCard, JobHistoryQuery, JobKind, JobQuery, JobState } from '@pilothouse/contract'
import {
  jobKinds,
  jobSorts,
  jobStates,
  matchSearchTerms,
  needsServer,
  parseSearchText,
} from '@pilothouse/contract/wire'
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

const spanMs: Record<TimeSpan, number> = { '1d': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 }

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

/** Jobs in a page of cards, and in one of rows. */
const pageSize = { cards: 48, table: 200 }

/** What the server is asked. */
export function buildJobQuery(search: JobsSearch, now: number): JobQuery {
  const { q, time, view, columns: _, charts: __, add: ___, ...rest } = search
  return {
    ...rest,
    ...(q === undefined ? {} : { search: q }),
    ...(time === undefined ? {} : { since: now - spanMs[time] }),
    limit: pageSize[view ?? 'cards'],
  }
}

/** Statistics over whole days, today the last one, with the filters of the list but its time. */
export function buildHistoryQuery(search: JobsSearch, days: number, now: Date): JobHistoryQuery {
  const {
    q,
    time: _,
    view: __,
    columns: ___,
    charts: ____,
    sort: _____,
    order: ______,
    add: _______,
    ...filters
  } = search
  const at = (day: number): number => new Date(now.getFullYear(), now.getMonth(), now.getDate() + day).getTime()
  return { ...filters, ...(q === undefined ? {} : { search: q }), from: at(1 - days), until: at(1), parts: days }
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

/** True where cards that arrive live do not tell whether and where they belong: the list is asked for now and then. */
export function needsRefresh({ q, sort = 'created' }: JobsSearch): boolean {
  return isValueName(sort) || (q !== undefined && needsServer(parseSearchText(q, 0).terms))
}

/** Would the server have listed this card? For cards that arrive live; of what a card does not tell, not. */
export function matchesSearch(card: JobCard, search: JobsSearch, viewer: { memberId: number; now: number }): boolean {
  const { terms, faults } = parseSearchText(search.q ?? '', viewer.now)
  const asksArchived = terms.some(({ condition }) => condition.kind === 'is' && condition.word === 'archived')
  return (
    faults.length === 0 &&
    (card.archivedAt === null || asksArchived) &&
    matchSearchTerms(card, terms, viewer) === true &&
    isOneOf(search.state, card.state) &&
    (search.kind === undefined || search.kind === card.kind) &&
    isOneOf(search.project, card.project) &&
    isOneOf(search.target, card.target ?? '') &&
    isOneOf(search.owner, card.owner.name) &&
    (search.tag === undefined || search.tag.some((tag) => card.tags.includes(tag))) &&
    (search.time === undefined || card.createdAt >= viewer.now - spanMs[search.time])
  )
}

function readSort(value: unknown): Sort | undefined {
  if (typeof value === 'string' && isValueName(value)) return value
  return readChoice(value, jobSorts)
}

function readColumns(value: unknown): Column[] | undefined {
  const columns = readList(value).flatMap((text) => readColumn(text) ?? [])
  return keepFilled([...new Set(columns)].slice(0, columnsMax))
}

function isOneOf(wanted: readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.includes(value)
}

function keepFilled<Item>(items: Item[]): Item[] | undefined {
  return items.length > 0 ? items : undefined
}

function dropAbsent(parts: { [Key in keyof JobsSearch]: JobsSearch[Key] | undefined }): JobsSearch {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}
