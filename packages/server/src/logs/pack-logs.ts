/** Small segments, as reports brought them, become compressed ones of about 256 kB. One segment a slice. */
import { endStates } from '@pilothouse/contract'
import { type Kysely, sql } from 'kysely'
import type { StorageDatabase } from '../storage/storage-database.ts'
import type { Tables } from '../storage/tables.ts'
import { addLevels, segmentBytes } from './append-lines.ts'
import { joinRuns, packRun, readRun } from './log-codec.ts'

/** So many small segments are packed even if their text is short. */
const segmentsMax = 256

/** Packs one segment where enough has gathered, or where the attempt has ended. True when more is waiting. */
export async function packLogs(database: StorageDatabase): Promise<boolean> {
  const candidates = await findCandidates(database.db)
  const [first] = candidates
  if (first) await database.transaction(() => packSegment(database.db, first))
  return candidates.length > 0
}

type Candidate = { job_id: number; attempt: number }

function findCandidates(db: Kysely<Tables>): Promise<Candidate[]> {
  return db
    .selectFrom('log_segment')
    .innerJoin('attempt', (join) =>
      join.onRef('attempt.job_id', '=', 'log_segment.job_id').onRef('attempt.number', '=', 'log_segment.attempt'),
    )
    .select(['log_segment.job_id', 'log_segment.attempt'])
    .where('log_segment.packed', '=', sql.lit(0))
    .groupBy(['log_segment.job_id', 'log_segment.attempt'])
    .having((eb) =>
      eb.or([
        eb(eb.fn.sum<number>('log_segment.bytes'), '>=', segmentBytes),
        eb(eb.fn.countAll<number>(), '>=', segmentsMax),
        eb(eb.fn.max('attempt.state'), 'in', endStates),
      ]),
    )
    .limit(2)
    .execute()
}

const headColumns = ['first_line', 'lines', 'first_byte', 'bytes', 'debug', 'info', 'warning', 'error'] as const

async function packSegment(db: Kysely<Tables>, { job_id, attempt }: Candidate): Promise<void> {
  const ofAttempt = db.selectFrom('log_segment').where('job_id', '=', job_id).where('attempt', '=', attempt)
  const heads = await ofAttempt
    .select(headColumns)
    .where('packed', '=', sql.lit(0))
    .orderBy('first_line')
    .limit(segmentsMax)
    .execute()
  const taken = takeNeighbours(heads)
  const [first] = taken
  if (!first) return
  const sum = (pick: (head: (typeof taken)[number]) => number) => taken.reduce((total, head) => total + pick(head), 0)
  const end = first.first_line + sum((head) => head.lines)
  const rows = await ofAttempt
    .select(['data', 'lines', 'bytes', 'packed'])
    .where('first_line', '>=', first.first_line)
    .where('first_line', '<', end)
    .orderBy('first_line')
    .execute()
  await db
    .deleteFrom('log_segment')
    .where('job_id', '=', job_id)
    .where('attempt', '=', attempt)
    .where('first_line', '>=', first.first_line)
    .where('first_line', '<', end)
    .execute()
  const levels = taken.reduce(addLevels, { debug: 0, info: 0, warning: 0, error: 0 })
  const place = { job_id, attempt, first_line: first.first_line, first_byte: first.first_byte }
  const size = { lines: end - first.first_line, bytes: sum((head) => head.bytes) }
  const data = packRun(joinRuns(rows.map((row) => readRun(row.data, row))))
  await db
    .insertInto('log_segment')
    .values({ ...place, ...size, ...levels, packed: 1, data })
    .execute()
}

/** The first rows that follow each other without a packed segment between, as many as make one segment. */
function takeNeighbours<Row extends { first_line: number; lines: number; bytes: number }>(rows: readonly Row[]): Row[] {
  const taken: Row[] = []
  let bytes = 0
  for (const row of rows) {
    const last = taken.at(-1)
    if (last && (row.first_line !== last.first_line + last.lines || bytes + row.bytes > segmentBytes)) break
    taken.push(row)
    bytes += row.bytes
  }
  return taken
}
