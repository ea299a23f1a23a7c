import type { LogLine } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import { everyLine, type LineFilter, matchLines } from './line-filter.ts'
import { type DecodedRun, lineAt, readRun } from './log-codec.ts'

export type LogKey = { job_id: number; number: number }
/** A half-open range of line numbers or of bytes. */
export type Range = { from: number; to: number }

export type Segment = { firstLine: number; firstByte: number; run: DecodedRun }

/** Segments that overlap a range of lines or of bytes, one after another. Stop iterating to stop reading. */
export async function* readSegments(
  db: Kysely<Tables>,
  key: LogKey,
  by: { column: 'first_line' | 'first_byte' } & Range,
): AsyncGenerator<Segment> {
  const { column, from, to } = by
  const start = await findStart(db, key, column, from)
  let next = start
  while (next !== undefined && next < to) {
    const row = await db
      .selectFrom('log_segment')
      .selectAll()
      .where('job_id', '=', key.job_id)
      .where('attempt', '=', key.number)
      .where(column, '>=', next)
      .where(column, '<', to)
      .orderBy(column)
      .limit(1)
      .executeTakeFirst()
    if (!row) return
    yield { firstLine: row.first_line, firstByte: row.first_byte, run: readRun(row.data, row) }
    next = column === 'first_line' ? row.first_line + row.lines : row.first_byte + row.bytes
  }
}

/** The lines of a range that are wanted; fewer when their text is longer than `bytesMax`. */
export async function readLines(
  db: Kysely<Tables>,
  key: LogKey,
  { filter = everyLine, bytesMax, ...range }: Range & { bytesMax: number; filter?: LineFilter },
): Promise<LogLine[]> {
  const lines: LogLine[] = []
  let bytes = 0
  for await (const { firstLine, run } of readSegments(db, key, { column: 'first_line', ...range })) {
    const { places, texts } = matchLines(run, filter, { firstLine, ...range })
    for (const at of places) {
      bytes += texts[at]?.length ?? 0
      if (bytes > bytesMax && lines.length > 0) return lines
      lines.push(lineAt({ run, texts, at, firstLine }))
    }
  }
  return lines
}

async function findStart(
  db: Kysely<Tables>,
  key: LogKey,
  column: 'first_line' | 'first_byte',
  from: number,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('log_segment')
    .select(column)
    .where('job_id', '=', key.job_id)
    .where('attempt', '=', key.number)
    .where(column, '<=', from)
    .orderBy(column, 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.[column]
}
