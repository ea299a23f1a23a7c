/** How much space each job takes: measured a few jobs at a time, and again while they grow. */
import { isEnded } from '@pilothouse/contract'
import type { StorageRoom } from '../storage/open-storage.ts'

/** Jobs looked at in one slice; most of them need no measuring. */
const looksMax = 200
const sliceMs = 8
/** A job that goes on is measured again after so long, one that has ended at once, and when it was compacted. */
const growingMs = 600_000
const settlingMs = 60_000

type Look = { id: number; state: Parameters<typeof isEnded>[0]; heard_ms: number | null; measured_ms: number | null }

/** Makes the work of a background task: each run goes on where the one before ended. True when more is waiting. */
export function makeMeasureJobs(room: StorageRoom): () => Promise<boolean> {
  let after = 0
  return async () => {
    const until = performance.now() + sliceMs
    const looks = await listLooks(room, after)
    let seen = 0
    for (const look of looks) {
      // At least one: a database that takes its time with the question itself must not keep the work where it is.
      if (seen > 0 && performance.now() > until) break
      if (isStale(look, room.now())) await measureJob(room, look.id)
      after = look.id
      seen += 1
    }
    const more = seen < looks.length || looks.length === looksMax
    if (!more) after = 0
    return more
  }
}

function listLooks({ database: { db } }: StorageRoom, after: number): Promise<Look[]> {
  return db
    .selectFrom('job')
    .leftJoin('job_size', 'job_size.job_id', 'job.id')
    .select(['job.id', 'job.state', 'job.heard_ms', 'job_size.measured_ms'])
    .where('job.id', '>', after)
    .orderBy('job.id')
    .limit(looksMax)
    .execute()
}

/** Pure. */
export function isStale({ state, heard_ms, measured_ms }: Omit<Look, 'id'>, now: number): boolean {
  if (measured_ms === null) return true
  if (isEnded(state) && measured_ms <= (heard_ms ?? 0)) return true
  if (measured_ms > (heard_ms ?? 0) + settlingMs) return false
  return now - measured_ms > (isEnded(state) ? settlingMs : growingMs)
}

async function measureJob({ database, series, now }: StorageRoom, jobId: number): Promise<void> {
  const { db } = database
  const metrics = await series.measure(jobId)
  const logs = await db
    .selectFrom('log_segment')
    .select(({ fn }) => fn.sum<number | null>(fn<number>('length', ['data'])).as('bytes'))
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow()
  const logBytes = Number(logs.bytes ?? 0)
  const samples = await db
    .selectFrom('sample_key')
    .select(({ fn }) => fn.sum<number | null>('bytes').as('bytes'))
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow()
  const fileBytes = Number(samples.bytes ?? 0)
  const size = {
    points: metrics.points,
    metric_bytes: metrics.bytes,
    log_bytes: logBytes,
    file_bytes: fileBytes,
    total_bytes: metrics.bytes + logBytes + fileBytes,
    measured_ms: now(),
  }
  await db
    .insertInto('job_size')
    .values({ job_id: jobId, ...size })
    .onConflict((conflict) => conflict.column('job_id').doUpdateSet(size))
    .execute()
}
