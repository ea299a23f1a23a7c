/** Requests of batches that have failed for good. */
import { type RequestFailureCode, PilothouseError } from '@pilothouse/contract'
import type { Selectable } from 'kysely'
import type { DeadLetterTable } from '../storage/batch-tables.ts'
import type { Operation } from '../storage/operation.ts'

export type LetterRow = Selectable<DeadLetterTable>
/** A line of the input, and its place in the index. */
export type LetterPlace = { line: number; at: number }

type PageInput = { id: string; code?: RequestFailureCode | undefined; limit: number; after: number }

/** By line, behind the line `after`. */
const listLetters: Operation<PageInput, { rows: LetterRow[]; hasMore: boolean }> = async (
  { db },
  { id, code, limit, after },
) => {
  const rows = await db
    .selectFrom('dead_letter')
    .selectAll()
    .where('batch_id', '=', id)
    .where('line', '>', after)
    .$if(code !== undefined, (builder) => builder.where('code', '=', code ?? 'refused'))
    .orderBy('line')
    .limit(limit + 1)
    .execute()
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
}

/** How many lines one statement asks for. */
const linesAtOnce = 500

/**
 * Where the failed requests of these lines stand, or all of them, by line.
 * @throws PilothouseError `invalid` for a line whose request has not failed, `conflict` where none has.
 */
const placeLetters: Operation<{ id: string; lines: readonly number[] | null }, LetterPlace[]> = async (
  { db },
  { id, lines },
) => {
  const all = db.selectFrom('dead_letter').select(['line', 'at']).where('batch_id', '=', id).orderBy('line')
  if (lines === null) {
    const rows = await all.execute()
    if (rows.length > 0) return rows
    throw new PilothouseError('conflict', 'No request of this batch has failed for good.', {
      hint: 'There is nothing to send again.',
    })
  }
  const wanted = [...new Set(lines)].toSorted((a, b) => a - b)
  const found: LetterPlace[] = []
  for (let from = 0; from < wanted.length; from += linesAtOnce)
    found.push(...(await all.where('line', 'in', wanted.slice(from, from + linesAtOnce)).execute()))
  const known = new Set(found.map(({ line }) => line))
  const missing = wanted.find((line) => !known.has(line))
  if (missing === undefined) return found
  throw new PilothouseError('invalid', `The request of line ${missing} has not failed.`, {
    field: 'lines',
    expected: 'lines of requests that have failed for good',
  })
}

export const letterOperations = { 'batches.letters': listLetters, 'batches.place-letters': placeLetters }
