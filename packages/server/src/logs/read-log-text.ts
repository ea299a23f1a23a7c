import type { Operation } from '../storage/operation.ts'
import { findAttempt } from './find-attempt.ts'
import { readSegments } from './read-segments.ts'

/** Bytes in one answer; ask again behind it. */
const bytesMax = 1024 * 1024

export type LogTextInput = { uid: string; attempt?: number | undefined; from: number; to: number }

/** Number of the attempt that is meant, and the bytes of its text. */
export const measureLogText: Operation<
  { uid: string; attempt?: number | undefined },
  { attempt: number; bytes: number }
> = async ({ db }, { uid, attempt }) => {
  const row = await findAttempt(db, uid, attempt)
  return { attempt: row.number, bytes: row.log_bytes }
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
