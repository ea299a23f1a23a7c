import type { JobCard, JobKind, JobQuery, JobState } from '@pilothouse/contract'
import { jobKinds, jobStates } from '@pilothouse/contract/wire'
import { addWays, type AddWay } from '../add-job/add-ways.ts'
import { formatSearch, readChoice, readList } from '../app/search-params.ts'

const times = ['1d', '7d', '30d'] as const
export type TimeSpan = (typeof times)[number]
const sorts = ['created', 'heard', 'name', 'state', 'duration'] as const
export type JobsSort = (typeof sorts)[number]

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
  sort?: JobsSort
  order?: 'asc' | 'desc'
  view?: 'table'
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
    sort: readChoice(raw['sort'], sorts),
    order: readChoice(raw['order'], ['asc', 'desc'] as const),
    view: readChoice(raw['view'], ['table'] as const),
    add: readChoice(raw['add'], addWays),
  }
  return dropAbsent(parts)
}

/** What the server is asked. */
export function buildJobQuery(search: JobsSearch, now: number): JobQuery {
  const { q, time, view: _, add: __, ...rest } = search
  return {
    ...rest,
    ...(q === undefined ? {} : { search: q }),
    ...(time === undefined ? {} : { since: now - spanMs[time] }),
    limit: 48,
  }
}

/** What a saved view keeps: all but the open sheet. */
export function formatJobsView({ add: _, ...kept }: JobsSearch): string {
  return formatSearch(kept).slice(1)
}

/** True when a filter is on; sorting, the kind of list and the open sheet are none. */
export function hasFilter({ sort: _, order: __, view: ___, add: ____, ...filters }: JobsSearch): boolean {
  return Object.keys(filters).length > 0
}

/** Would the server have listed this card? For cards that arrive live. */
export function matchesSearch(card: JobCard, search: JobsSearch, now: number): boolean {
  const text = [card.name, card.model, card.dataset, card.project, ...card.tags, card.uid].join(' ').toLowerCase()
  const words = (search.q ?? '').toLowerCase().split(/\s+/)
  return (
    words.every((word) => text.includes(word)) &&
    isOneOf(search.state, card.state) &&
    (search.kind === undefined || search.kind === card.kind) &&
    isOneOf(search.project, card.project) &&
    isOneOf(search.target, card.target ?? '') &&
    isOneOf(search.owner, card.owner.name) &&
    (search.tag === undefined || search.tag.some((tag) => card.tags.includes(tag))) &&
    (search.time === undefined || card.createdAt >= now - spanMs[search.time])
  )
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
