/** From the address of the dashboard to what the server is asked, and to what belongs into its list. */
import type { JobCard, JobHistoryQuery, JobQuery } from '@pilothouse/contract'
import { matchSearchTerms, needsServer, parseSearchText } from '@pilothouse/contract/wire'
import { isValueName } from './job-columns.ts'
import type { JobsSearch, TimeSpan } from './jobs-search.ts'

const spanMs: Record<TimeSpan, number> = { '1d': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 }

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

function isOneOf(wanted: readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.includes(value)
}
