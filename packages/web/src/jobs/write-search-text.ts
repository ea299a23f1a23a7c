import { quoteForSearch } from '@pilothouse/contract/wire'
import type { JobsSearch } from './jobs-search.ts'

/** The filters of the list in the words of its search field: for what takes a search alone. */
export function writeSearchText({ q, state, kind, project, target, tag, owner, time }: JobsSearch): string {
  const lists = { status: state, kind: kind && [kind], project, target, tag, owner }
  const parts = Object.entries(lists).flatMap(([field, values]) =>
    values === undefined ? [] : [`${field}:${values.map(quoteForSearch).join(',')}`],
  )
  return [...(q === undefined ? [] : [q]), ...parts, ...(time === undefined ? [] : [`created>${time}`])].join(' ')
}
