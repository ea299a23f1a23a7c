import {
  type LogLevel,
  type LogLine,
  type logSearchAnswer,
  type logSearchQuery,
  PilothouseError,
} from '@pilothouse/contract'
import { LinearRegex, RegexRefusal } from '@pilothouse/signals'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { findAttempt } from './find-attempt.ts'
import { readRun, levelOf, lineAt, textsOf } from './log-codec.ts'
import type { LogKey } from './read-segments.ts'

/** Segments looked into in one call: about 4 MB of text, 10–15 ms. `next` goes on. */
const segmentsMax = 16
/** The same for a regular expression, which tries every place of every line: some 20 ms each. */
const regexSegmentsMax = 2
/** Segments whose heads are read in one call. */
const headsMax = 1_000

type Query = z.output<typeof logSearchQuery>
type Head = { first_line: number; lines: number; bytes: number; packed: number } & Record<LogLevel, number>
type Find = (text: string) => boolean
type Wanted = {
  needle: string
  find: Find | undefined
  levels: ReadonlySet<LogLevel> | undefined
  from: number
  to: number
  backward: boolean
}

/** Lines that hold a text or have a level, in the direction asked for. A call does a bounded amount of work. */
export const searchLog: Operation<{ uid: string; query: Query }, z.output<typeof logSearchAnswer>> = async (
  { db },
  { uid, query },
) => {
  const attempt = await findAttempt(db, uid, query.attempt)
  const wanted = readQuery(query, attempt.log_lines)
  const heads = await readHeads(db, attempt, wanted)
  const lines: LogLine[] = []
  let looked = 0
  let reached = wanted.backward ? wanted.to : wanted.from
  for (const head of heads) {
    if (looked === (wanted.find && !wanted.needle ? regexSegmentsMax : segmentsMax) || lines.length >= query.limit)
      break
    if (mayHold(head, wanted)) {
      lines.push(...(await searchSegment(db, attempt, head, wanted)))
      looked += 1
    }
    reached = wanted.backward ? head.first_line : head.first_line + head.lines
  }
  return { attempt: attempt.number, ...cutAnswer(lines, query.limit, { reached, wanted }) }
}

function readQuery(query: Query, total: number): Wanted {
  const backward = query.direction === 'backward'
  const bounds = backward ? { from: 0, to: Math.min(total, query.from ?? total) } : { from: query.from ?? 0, to: total }
  return { ...bounds, backward, ...readText(query), levels: query.level && new Set(query.level) }
}

/** @throws PilothouseError `invalid` when it is no regular expression that can be run in bounded time. */
function readText({ text = '', regex }: Query): Pick<Wanted, 'needle' | 'find'> {
  if (text === '') return { needle: '', find: undefined }
  if (!regex) {
    const needle = text.toLowerCase()
    return { needle, find: (line) => line.toLowerCase().includes(needle) }
  }
  try {
    const expression = new LinearRegex(text, { ignoreCase: true })
    return { needle: '', find: (line) => expression.exec(line) !== null }
  } catch (cause) {
    if (!(cause instanceof RegexRefusal)) throw cause
    throw new PilothouseError('invalid', `This is no regular expression that can be searched for: ${cause.message}`, {
      cause,
      field: 'text',
      expected: 'a regular expression without look-around and references',
    })
  }
}

/** Where the next call begins: behind the last line given, or behind what was looked through. */
function cutAnswer(
  lines: LogLine[],
  limit: number,
  { reached, wanted }: { reached: number; wanted: Wanted },
): { lines: LogLine[]; next: number | null } {
  const given = lines.slice(0, limit)
  const last = lines.length > limit ? given.at(-1)?.n : undefined
  const next = last === undefined ? reached : wanted.backward ? last : last + 1
  const over = wanted.backward ? next <= wanted.from : next >= wanted.to
  return { lines: given, next: over ? null : next }
}

function readHeads(db: Kysely<Tables>, key: LogKey, { from, to, backward }: Wanted): Promise<Head[]> {
  return db
    .selectFrom('log_segment')
    .select(['first_line', 'lines', 'bytes', 'packed', 'debug', 'info', 'warning', 'error'])
    .where('job_id', '=', key.job_id)
    .where('attempt', '=', key.number)
    .where('first_line', '<', to)
    .where((eb) => eb(eb('first_line', '+', eb.ref('lines')), '>', from))
    .orderBy('first_line', backward ? 'desc' : 'asc')
    .limit(headsMax)
    .execute()
}

function mayHold(head: Head, { levels }: Wanted): boolean {
  return levels === undefined || [...levels].some((level) => head[level] > 0)
}

async function searchSegment(db: Kysely<Tables>, key: LogKey, head: Head, wanted: Wanted): Promise<LogLine[]> {
  const { data } = await db
    .selectFrom('log_segment')
    .select('data')
    .where('job_id', '=', key.job_id)
    .where('attempt', '=', key.number)
    .where('first_line', '=', head.first_line)
    .executeTakeFirstOrThrow()
  const run = readRun(data, head)
  if (wanted.needle && !Buffer.from(run.text).toString('utf8').toLowerCase().includes(wanted.needle)) return []
  const texts = textsOf(run)
  const found: LogLine[] = []
  for (let at = 0; at < run.count; at += 1) {
    const n = head.first_line + at
    if (n < wanted.from || n >= wanted.to) continue
    if (wanted.levels && !wanted.levels.has(levelOf(run.flags[at] ?? 0))) continue
    if (wanted.find && !wanted.find(texts[at] ?? '')) continue
    found.push(lineAt({ run, texts, at, firstLine: head.first_line }))
  }
  return wanted.backward ? found.toReversed() : found
}
