import type { Operation } from '../storage/operation.ts'
import { findAttempt } from './find-attempt.ts'
import { findMatches } from './find-matches.ts'
import { type LineQuery, readLineFilter } from './line-filter.ts'
import { encodeTexts } from './log-codec.ts'
import type { Range } from './read-segments.ts'

/** Text in one answer, about: one segment may go beyond. */
const bytesMax = 1024 * 1024

export type MatchingTextInput = Range & { uid: string; attempt: number; query: LineQuery }
/** `next`: the line to go on from; null at the end of the range. */
export type MatchingText = { text: Uint8Array; next: number | null }

/** Text of the lines of a range that match. A call does a bounded amount of work and may find none. */
export const readMatchingText: Operation<MatchingTextInput, MatchingText> = async (
  { db },
  { uid, attempt, query, from, to },
) => {
  const row = await findAttempt(db, uid, attempt)
  const parts: Uint8Array[] = []
  let bytes = 0
  let next = from
  for await (const { places, texts, firstLine, lines } of findMatches(db, row, {
    from,
    to,
    backward: false,
    filter: readLineFilter(query),
  })) {
    const part = encodeTexts(places.map((at) => texts[at] ?? ''))
    parts.push(part)
    bytes += part.length
    next = firstLine + lines
    if (bytes >= bytesMax) break
  }
  // Nothing looked at means that the range has no segment.
  return { text: new Uint8Array(Buffer.concat(parts)), next: next >= to || next === from ? null : next }
}
