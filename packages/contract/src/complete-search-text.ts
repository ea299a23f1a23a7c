/** What may stand where the cursor is in the text of a search, and how the text reads once something is chosen. Pure. */
import { findSearchField } from './parse-search-text.ts'
import { scanSearchText } from './scan-search-text.ts'
import type { SearchField } from './search-text.ts'

/** The stretch of the text that a choice replaces. */
export type SearchPlace = { from: number; to: number; prefix: string } & (
  | { part: 'name' }
  | { part: 'value'; field: SearchField }
)

/** Where the cursor is; undefined where nothing can be offered, as in a number. */
export function findSearchPlace(text: string, cursor: number): SearchPlace | undefined {
  const part = scanSearchText(text).find(({ from, to }) => from <= cursor && cursor <= to)
  if (!part) return { part: 'name', from: cursor, to: cursor, prefix: '' }
  const { name } = part
  if (cursor <= name.to) {
    const from = Math.min(name.from, cursor)
    return { part: 'name', from, to: name.to, prefix: text.slice(from, cursor).replaceAll('"', '') }
  }
  const value = part.values.find(({ from, to }) => from <= cursor && cursor <= to)
  const field = findSearchField(name.text)
  if (!value || field === undefined) return undefined
  const prefix = text.slice(value.from, cursor).replaceAll('"', '')
  return { part: 'value', field, from: value.from, to: value.to, prefix }
}

/** The text with a choice in its place, and where the cursor stands then. A whole value is followed by a blank. */
export function insertInSearch(
  text: string,
  place: Pick<SearchPlace, 'from' | 'to'>,
  choice: { text: string; isWhole: boolean },
): { text: string; cursor: number } {
  const after = text.slice(place.to)
  const gap = choice.isWhole && !/^[\s,]/.test(after) ? ' ' : ''
  const head = text.slice(0, place.from) + choice.text + gap
  return { text: head + after, cursor: head.length + (choice.isWhole && gap === '' ? 1 : 0) }
}

/** A name or value as it stands in a search: in quotes where it would be read otherwise. */
export function quoteForSearch(text: string): string {
  return text !== '' && !/[\s"\\:<>=,!]/.test(text) && !text.startsWith('-')
    ? text
    : `"${text.replace(/["\\]/g, '\\$&')}"`
}
