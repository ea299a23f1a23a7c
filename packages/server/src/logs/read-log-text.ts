import type { Kysely } from 'kysely'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import type { AttemptRow } from '../telemetry/telemetry-rows.ts'
import { findAttempt } from './find-attempt.ts'
import { byteOfLine } from './log-codec.ts'
import { readSegments, type Range } from './read-segments.ts'

/** Bytes in one answer; ask again behind it. */
const bytesMax = 1024 * 1024

export type LogTextInput = { uid: string; attempt?: number | undefined; from: number; to: number }
type MeasureInput = { uid: string; attempt?: number | undefined; from?: number | undefined; count?: number | undefined }
/** Number of the attempt that is meant, and the part of its log that is: as lines, and as bytes of its text. */
export type LogMeasure = { attempt: number; lines: Range; bytes: Range }

/** Where a range of lines lies; without one the whole log. What is beyond the end is left out. */
export const measureLogText: Operation<MeasureInput, LogMeasure> = async (
  { db },
  { uid, attempt, from = 0, count = Infinity },
) => {
  const row = await findAttempt(db, uid, attempt)
  const lines = { from: Math.min(from, row.log_lines), to: Math.min(from + count, row.log_lines) }
  const bytes = { from: await findByte(db, row, lines.from), to: await findByte(db, row, lines.to) }
  return { attempt: row.number, lines, bytes }
}

async function findByte(db: Kysely<Tables>, row: AttemptRow, line: number): Promise<number> {
  if (line === 0) return 0
  if (line >= row.log_lines) return row.log_bytes
  const range = { column: 'first_line', from: line, to: line + 1 } as const
  for await (const { firstLine, firstByte, run } of readSegments(db, row, range))
    return firstByte + byteOfLine(run, line - firstLine)
  return row.log_bytes
}

/** Bytes of the log's text from `from` on, before `to`: at least one while there are any, at most a part of what was asked for. */
export const readLogText: Operation<LogTextInput, Uint8Array> = async ({ db }, { uid, attempt, from, to }) => {
  const row = await findAttempt(db, uid, attempt)
  const end = Math.min(to, row.log_bytes, from + bytesMax)
  const parts: Uint8Array[] = []
  for await (const { firstByte, run } of readSegments(db, row, { column: 'first_byte', from, to: end })) {
    parts.push(run.text.subarray(Math.max(0, from - firstByte), Math.max(0, end - firstByte)))
  }
  return new Uint8Array(Buffer.concat(parts))
}
