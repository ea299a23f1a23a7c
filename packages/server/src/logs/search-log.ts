import type { LogLine, logSearchAnswer, logSearchQuery } from '@pilothouse/contract'
import type { z } from 'zod'
import type { Operation } from '../storage/operation.ts'
import { findAttempt } from './find-attempt.ts'
import { findMatches, type Looked, type MatchRequest } from './find-matches.ts'
import { readLineFilter } from './line-filter.ts'
import { lineAt } from './log-codec.ts'

type Query = z.output<typeof logSearchQuery>

/**
 * Lines that hold a text, have a level or are of a stream, in the direction asked for. A call does a bounded amount of
 * work; `next` goes on.
 */
export const searchLog: Operation<{ uid: string; query: Query }, z.output<typeof logSearchAnswer>> = async (
  { db },
  { uid, query },
) => {
  const attempt = await findAttempt(db, uid, query.attempt)
  const wanted = readQuery(query, attempt.log_lines)
  const lines: LogLine[] = []
  let reached = wanted.backward ? wanted.to : wanted.from
  for await (const looked of findMatches(db, attempt, wanted)) {
    const found = viewLines(looked)
    lines.push(...(wanted.backward ? found.toReversed() : found))
    reached = wanted.backward ? looked.firstLine : looked.firstLine + looked.lines
    if (lines.length >= query.limit) break
  }
  const cut = cutAnswer(lines, query.limit, { reached, wanted })
  return { attempt: attempt.number, total: attempt.log_lines, ...cut }
}

function readQuery(query: Query, total: number): MatchRequest {
  const backward = query.direction === 'backward'
  const bounds = backward ? { from: 0, to: Math.min(total, query.from ?? total) } : { from: query.from ?? 0, to: total }
  return { ...bounds, backward, filter: readLineFilter(query) }
}

function viewLines({ run, places, texts, firstLine }: Looked): LogLine[] {
  return run ? places.map((at) => lineAt({ run, texts, at, firstLine })) : []
}

/** Where the next call begins: behind the last line given, or behind what was looked through. */
function cutAnswer(
  lines: LogLine[],
  limit: number,
  { reached, wanted }: { reached: number; wanted: MatchRequest },
): { lines: LogLine[]; next: number | null } {
  const given = lines.slice(0, limit)
  const last = lines.length > limit ? given.at(-1)?.n : undefined
  const next = last === undefined ? reached : wanted.backward ? last : last + 1
  const over = wanted.backward ? next <= wanted.from : next >= wanted.to
  return { lines: given, next: over ? null : next }
}
