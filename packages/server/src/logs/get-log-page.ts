import type { LogLine, LogPage, logQuery } from '@pilothouse/contract'
import type { z } from 'zod'
import type { Operation } from '../storage/operation.ts'
import { toLogTotals } from '../telemetry/telemetry-rows.ts'
import { findAttempt } from './find-attempt.ts'
import { readLineFilter } from './line-filter.ts'
import { readLines } from './read-segments.ts'

/** Text in one page; at the limit it has fewer lines than were asked for. */
const pageBytesMax = 8 * 1024 * 1024

/** Lines by number, or the end of the log; of that range those of the wanted levels and stream. */
export const getLogPage: Operation<{ uid: string; query: z.output<typeof logQuery> }, LogPage> = async (
  { db },
  { uid, query },
) => {
  const attempt = await findAttempt(db, uid, query.attempt)
  const { lines: total, bytes, levels } = toLogTotals(attempt)
  const from = query.from ?? Math.max(0, total - query.count)
  const lines = await readLines(db, attempt, {
    from,
    to: Math.min(total, from + query.count),
    bytesMax: query.from === undefined ? Infinity : pageBytesMax,
    filter: readLineFilter(query),
  })
  return {
    attempt: attempt.number,
    total,
    bytes,
    levels,
    lines: query.from === undefined ? takeEnd(lines) : lines,
    open: attempt.log_open,
  }
}

/** Of the end of a log the last lines matter. */
function takeEnd(lines: readonly LogLine[]): LogLine[] {
  let bytes = 0
  const start = lines.findLastIndex((line) => {
    bytes += line.text.length
    return bytes > pageBytesMax
  })
  return lines.slice(start + 1)
}
