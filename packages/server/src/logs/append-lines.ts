import type { LogLevel } from '@pilothouse/contract'
import type { Insertable, Kysely } from 'kysely'
import type { LogSegmentTable, Tables } from '../storage/tables.ts'
import { type LogRun, encodeRun, encodeTexts, levelOf } from './log-codec.ts'

/** Text of a segment, about. */
export const segmentBytes = 256 * 1024

/** Where the next line of an attempt goes, and what its log holds so far. */
export type LogTotals = { lines: number; bytes: number; levels: Record<LogLevel, number> }
type Place = { jobId: number; attempt: number; totals: LogTotals }

/** Stores a run behind what is there, in segments of about `segmentBytes`. Returns the totals afterwards. */
export async function appendLines(db: Kysely<Tables>, { totals, ...key }: Place, run: LogRun): Promise<LogTotals> {
  let after = totals
  for (const part of splitRun(run)) after = await appendSegment(db, { ...key, totals: after }, part)
  return after
}

async function appendSegment(db: Kysely<Tables>, { jobId, attempt, totals }: Place, run: LogRun): Promise<LogTotals> {
  const text = encodeTexts(run.texts)
  const levels = countLevels(run.flags)
  const segment: Insertable<LogSegmentTable> = {
    job_id: jobId,
    attempt,
    first_line: totals.lines,
    lines: run.texts.length,
    first_byte: totals.bytes,
    bytes: text.length,
    ...levels,
    packed: 0,
    data: encodeRun({ times: run.times, flags: run.flags, text }),
  }
  await db.insertInto('log_segment').values(segment).execute()
  return {
    lines: totals.lines + run.texts.length,
    bytes: totals.bytes + text.length,
    levels: addLevels(totals.levels, levels),
  }
}

function splitRun(run: LogRun): LogRun[] {
  const parts: LogRun[] = []
  let start = 0
  let units = 0
  run.texts.forEach((text, at) => {
    units += text.length + 1
    if (units < segmentBytes && at + 1 < run.texts.length) return
    parts.push(sliceRun(run, start, at + 1))
    start = at + 1
    units = 0
  })
  return parts
}

function sliceRun({ times, flags, texts }: LogRun, from: number, to: number): LogRun {
  return { times: times.slice(from, to), flags: flags.slice(from, to), texts: texts.slice(from, to) }
}

function countLevels(flags: readonly number[]): Record<LogLevel, number> {
  const levels = { debug: 0, info: 0, warning: 0, error: 0 }
  for (const one of flags) levels[levelOf(one)] += 1
  return levels
}

export function addLevels(one: Record<LogLevel, number>, other: Record<LogLevel, number>): Record<LogLevel, number> {
  return {
    debug: one.debug + other.debug,
    info: one.info + other.info,
    warning: one.warning + other.warning,
    error: one.error + other.error,
  }
}
