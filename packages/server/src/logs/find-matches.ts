import type { LogLevel } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'
import { type LineFilter, matchLines, type Matches, mayHold } from './line-filter.ts'
import { type DecodedRun, readRun } from './log-codec.ts'
import type { LogKey, Range } from './read-segments.ts'

/** Segments whose text is looked through in one call: about 4 MB of text, 10–15 ms. */
const segmentsMax = 16
/** With a regular expression a call ends when so much time is over; a segment takes from 1 to some 5 ms. */
const sliceMs = 12
/** So many are looked through in any case: whoever waits for a processor would do nothing but ask again. */
const slowSegmentsMin = 2
/** A segment without a line of the wanted kind costs its unpacking only, most of a millisecond. */
const unpackedShare = 3 / 4
/** Segments whose heads are read in one call. */
const headsMax = 1_000

type Head = { first_line: number; lines: number; bytes: number; packed: number } & Record<LogLevel, number>

export type MatchRequest = Range & { filter: LineFilter; backward: boolean }
/** A segment that was looked into, or passed over for what its head says. */
export type Looked = Matches & { firstLine: number; lines: number; run: DecodedRun | undefined }

/** Segments of a range in the direction asked for, with the lines that match; stops after a bounded amount of work. */
export async function* findMatches(db: Kysely<Tables>, key: LogKey, request: MatchRequest): AsyncGenerator<Looked> {
  const { filter } = request
  const until = filter.isSlow ? performance.now() + sliceMs : Infinity
  let work = 0
  for (const head of await readHeads(db, key, request)) {
    if (work >= segmentsMax || (work >= slowSegmentsMin && performance.now() > until)) return
    const about = { firstLine: head.first_line, lines: head.lines }
    if (!mayHold(head, filter)) {
      yield { ...about, run: undefined, places: [], texts: [] }
      continue
    }
    const run = readRun(await readData(db, key, head), head)
    const matches = matchLines(run, filter, { ...about, from: request.from, to: request.to })
    work += matches.texts.length === 0 && !filter.find ? unpackedShare : 1
    yield { ...about, run, ...matches }
  }
}

function readHeads(db: Kysely<Tables>, key: LogKey, { from, to, backward }: MatchRequest): Promise<Head[]> {
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

async function readData(db: Kysely<Tables>, key: LogKey, head: Head): Promise<Uint8Array> {
  const { data } = await db
    .selectFrom('log_segment')
    .select('data')
    .where('job_id', '=', key.job_id)
    .where('attempt', '=', key.number)
    .where('first_line', '=', head.first_line)
    .executeTakeFirstOrThrow()
  return data
}
