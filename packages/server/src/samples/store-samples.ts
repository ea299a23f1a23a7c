/** Samples of one job on their way into the store, within the bounds of the job. */
import { type Sample, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import type { PreparedSample } from './prepare-sample.ts'
import { toSample } from './read-samples.ts'

export type WaitingSample = PreparedSample & { attempt: number; branch: number; timeMs: number }
export type SampleJob = { id: number; uid: string }

/** What a job has under one key. */
export type KeyTotal = { kinds: string[]; count: number; bytes: number; timeMs: number }
export type KeyTotals = Map<string, KeyTotal>

/** Why a sample is not taken, in words; undefined when there is room. */
export function findRefusal(totals: KeyTotals, { key, bytes }: { key: string; bytes: number }): string | undefined {
  const all = [...totals.values()]
  if (all.reduce((sum, one) => sum + one.count, 0) >= limits.jobSamplesMax)
    return `The job has ${limits.jobSamplesMax} samples, more are not taken; log them less often.`
  if (all.reduce((sum, one) => sum + one.bytes, 0) + bytes > limits.jobSampleBytesMax)
    return `The samples of the job have ${limits.jobSampleBytesMax} bytes, more are not taken; log them less often or smaller.`
  if (!totals.has(key) && totals.size >= limits.sampleKeysMax)
    return `The job has samples under ${limits.sampleKeysMax} keys, more are not taken; put the step into \`step\`, not into the key.`
  return undefined
}

/** Counts a sample that will be stored. */
export function countSample(totals: KeyTotals, { row, timeMs }: Pick<WaitingSample, 'row' | 'timeMs'>): void {
  const known = totals.get(row.key) ?? { kinds: [], count: 0, bytes: 0, timeMs: 0 }
  totals.set(row.key, {
    kinds: known.kinds.includes(row.kind) ? known.kinds : [...known.kinds, row.kind],
    count: known.count + 1,
    bytes: known.bytes + row.bytes,
    timeMs: Math.max(known.timeMs, timeMs),
  })
}

export async function readKeyTotals(db: Kysely<Tables>, jobId: number): Promise<KeyTotals> {
  const rows = await db.selectFrom('sample_key').selectAll().where('job_id', '=', jobId).execute()
  return new Map(
    rows.map(({ key, kinds, count, bytes, time_ms }) => [
      key,
      { kinds: parseJson<string[]>(kinds), count: Number(count), bytes: Number(bytes), timeMs: time_ms },
    ]),
  )
}

/** Writes contents, then rows, then the totals of the keys concerned; tells watchers once it has committed. */
export async function storeSamples(
  { db, samples: files, changes }: StorageContext,
  job: SampleJob,
  { waiting, totals }: { waiting: readonly WaitingSample[]; totals: KeyTotals },
): Promise<void> {
  const contents = new Map(waiting.flatMap(({ row, content }) => (row.hash && content ? [[row.hash, content]] : [])))
  if (contents.size > 0) await files.write(job.id, contents)
  const stored: Sample[] = []
  for (const { row, attempt, branch, timeMs } of waiting) {
    const values = { ...row, job_id: job.id, attempt, branch, time_ms: timeMs }
    const made = await db.insertInto('sample').values(values).returningAll().executeTakeFirstOrThrow()
    stored.push(toSample(job.uid, made))
  }
  for (const key of new Set(waiting.map(({ row }) => row.key))) await writeTotal(db, job.id, { key, totals })
  changes.samples.push({ uid: job.uid, samples: stored })
  changes.jobs.add(job.id)
}

async function writeTotal(
  db: Kysely<Tables>,
  jobId: number,
  { key, totals }: { key: string; totals: KeyTotals },
): Promise<void> {
  const total = totals.get(key)
  if (!total) return
  const { count, bytes } = total
  const values = { kinds: JSON.stringify(total.kinds), count, bytes, time_ms: total.timeMs }
  await db
    .insertInto('sample_key')
    .values({ job_id: jobId, key, ...values })
    .onConflict((conflict) => conflict.columns(['job_id', 'key']).doUpdateSet(values))
    .execute()
}

/** Counts samples that were refused at a bound. */
export async function countLeftOut(db: Kysely<Tables>, jobId: number, count: number): Promise<void> {
  await db
    .updateTable('job_detail')
    .set((eb) => ({ samples_left_out: eb('samples_left_out', '+', count) }))
    .where('job_id', '=', jobId)
    .execute()
}
