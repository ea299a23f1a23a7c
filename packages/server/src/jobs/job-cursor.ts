/** Where a page of the list ended: the value it is sorted by, and the id. Sorting by these two is stable under inserts. */
import { PilothouseError } from '@pilothouse/contract'

export type JobCursor = {
  sort: string
  order: 'asc' | 'desc'
  /** Which stage of the sorting the page ended in (sort-stages.ts). */
  stage: number
  value: number | string
  id: number
  /** Clock of the first page: durations of running jobs are measured up to it on all pages. */
  now: number
}

export function encodeCursor({ sort, order, stage, value, id, now }: JobCursor): string {
  return Buffer.from(JSON.stringify([sort, order, stage, value, id, now])).toString('base64url')
}

/**
 * Reads a cursor of the same sorting.
 * @throws PilothouseError `invalid` when it is none, or one of another sorting.
 */
export function decodeCursor(text: string, asked: Pick<JobCursor, 'sort' | 'order'>): JobCursor {
  const [sort, order, stage, value, id, now] = parseList(text)
  const known =
    (typeof value === 'number' || typeof value === 'string') &&
    typeof id === 'number' &&
    typeof now === 'number' &&
    typeof stage === 'number'
  if (!known || sort !== asked.sort || order !== asked.order) {
    throw new PilothouseError('invalid', 'cursor is none of this list.', {
      field: 'cursor',
      expected: '`next` of the page before, with the same sort and order',
    })
  }
  return { ...asked, stage, value, id, now }
}

function parseList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
