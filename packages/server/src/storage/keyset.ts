/**
 * Cursors of lists: what the last row of a page was sorted by, the id that breaks ties among it. The next page is what lies
 * beyond these values, so rows that come or go meanwhile shift nothing. Pure.
 */
import { PilothouseError } from '@pilothouse/contract'

type KeysetValue = number | string

/** @param list name of the list and its sorting: a cursor is good for these alone. */
export function encodeKeyset(list: string, values: readonly KeysetValue[]): string {
  return Buffer.from(JSON.stringify([list, ...values])).toString('base64url')
}

/**
 * Reads a cursor of the same list.
 * @throws PilothouseError `invalid` when it is none, or one of another list.
 */
export function decodeKeyset(
  cursor: string,
  list: string,
  types: readonly ('number' | 'string' | 'any')[],
): KeysetValue[] {
  const [name, ...values] = parseList(cursor)
  const fits = types.every((type, at) => isOfType(values[at], type)) && values.length === types.length
  if (name === list && fits) return values as KeysetValue[] // checked one by one just now
  throw new PilothouseError('invalid', 'cursor is none of this list.', {
    field: 'cursor',
    expected: '`next` of the page before, with the same sort and order',
  })
}

function isOfType(value: unknown, type: 'number' | 'string' | 'any'): boolean {
  if (type === 'any') return typeof value === 'number' || typeof value === 'string'
  return typeof value === type
}

function parseList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
