/** Samples of a job as they leave the server. */
import {
  PilothouseError,
  type Sample,
  type SampleCount,
  type SampleKey,
  type SampleKeysAnswer,
  type SamplePage,
  type sampleKeysQuery,
  type sampleQuery,
} from '@pilothouse/contract'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation } from '../storage/operation.ts'
import type { SampleTable, Tables } from '../storage/tables.ts'
import { decodeSampleCursor, encodeSampleCursor } from './sample-cursor.ts'

type Query = z.output<typeof sampleQuery>
type KeysQuery = z.output<typeof sampleKeysQuery>

/** Samples of one key at one step in a list by step; a step has seldom more than some dozens. */
const atStepMax = 1_000

export function toSample(uid: string, row: Selectable<SampleTable>): Sample {
  return {
    id: row.id,
    key: row.key,
    kind: row.kind,
    step: row.step,
    epoch: row.epoch,
    time: row.time_ms,
    index: row.place,
    attempt: row.attempt,
    branch: row.branch,
    caption: row.caption,
    type: row.type,
    bytes: row.bytes,
    width: row.width,
    height: row.height,
    content: `/api/jobs/${uid}/samples/${row.id}/content`,
    body: parseJson<NonNullable<Sample['body']>>(row.body),
  }
}

/** Keys with the steps that have samples. */
export const listSampleKeys: Operation<{ uid: string; query: KeysQuery }, SampleKeysAnswer> = async (
  { db },
  { uid, query },
) => {
  const job = await findJob(db, uid)
  const rows = await db
    .selectFrom('sample_key')
    .selectAll()
    .where('job_id', '=', job.id)
    .$if(query.key !== undefined, (builder) => builder.where('key', 'in', query.key ?? []))
    .orderBy('key')
    .execute()
  const keys: SampleKey[] = []
  for (const { key, kinds, count, bytes, time_ms } of rows) {
    const steps = await selectSteps(db, job.id, { key, branch: query.branch })
    keys.push({
      key,
      kinds: parseJson<SampleKey['kinds']>(kinds),
      count: Number(count),
      bytes: Number(bytes),
      time: time_ms,
      steps: thinSteps(steps, query.steps),
      stepsTotal: steps.length,
    })
  }
  return { job: uid, keys, leftOut: await readLeftOut(db, job.id) }
}

async function selectSteps(
  db: Kysely<Tables>,
  jobId: number,
  { key, branch }: { key: string; branch: number | undefined },
): Promise<number[]> {
  const rows = await db
    .selectFrom('sample')
    .select('step')
    .distinct()
    .where('job_id', '=', jobId)
    .where('key', '=', key)
    .$if(branch !== undefined, (builder) => builder.where('branch', '=', branch ?? 0))
    .orderBy('step')
    .execute()
  return rows.map(({ step }) => step)
}

/** At most `most` of them, evenly spread, the first and the last among them. */
export function thinSteps(steps: readonly number[], most: number): number[] {
  if (steps.length <= most) return [...steps]
  return Array.from({ length: most }, (_, at) => steps[Math.round((at * (steps.length - 1)) / (most - 1))] ?? 0)
}

/** Samples at a step, or a page of a range. */
export const listSamples: Operation<{ uid: string; query: Query }, SamplePage> = async ({ db }, { uid, query }) => {
  const job = await findJob(db, uid)
  if (query.step !== undefined) {
    const rows = await selectAtStep(db, job.id, { ...query, step: query.step })
    return { job: uid, samples: rows.map((row) => toSample(uid, row)), next: null }
  }
  const rows = await selectRange(db, job.id, query)
  const page = rows.slice(0, query.limit)
  const last = rows.length > query.limit ? page.at(-1) : undefined
  return {
    job: uid,
    samples: page.map((row) => toSample(uid, row)),
    next: last ? encodeSampleCursor({ step: last.step, id: last.id }) : null,
  }
}

async function selectRange(db: Kysely<Tables>, jobId: number, query: Query): Promise<Selectable<SampleTable>[]> {
  const after = query.cursor === undefined ? undefined : decodeSampleCursor(query.cursor)
  return ofJob(db, jobId, query)
    .$if(query.from !== undefined, (builder) => builder.where('step', '>=', query.from ?? 0))
    .$if(query.to !== undefined, (builder) => builder.where('step', '<=', query.to ?? 0))
    .$if(after !== undefined, (builder) =>
      builder.where(sql<boolean>`(step, id) > (${after?.step ?? 0}, ${after?.id ?? 0})`),
    )
    .orderBy('step')
    .orderBy('id')
    .limit(query.limit + 1)
    .execute()
}

async function selectAtStep(
  db: Kysely<Tables>,
  jobId: number,
  query: Query & { step: number },
): Promise<Selectable<SampleTable>[]> {
  const keys = query.key ?? (await listKeys(db, jobId))
  const all: Selectable<SampleTable>[] = []
  for (const key of keys) {
    const one = { ...query, key: [key] }
    const step = await findStep(db, jobId, one)
    if (step === undefined) continue
    const rows = await ofJob(db, jobId, one).where('step', '=', step).orderBy('id').limit(atStepMax).execute()
    all.push(...rows)
  }
  return all.slice(0, Math.max(query.limit, atStepMax))
}

/** The last step at or before the one asked for, else the first one. */
async function findStep(
  db: Kysely<Tables>,
  jobId: number,
  query: Query & { step: number },
): Promise<number | undefined> {
  const one = ofJob(db, jobId, query).clearSelect().select('step').limit(1)
  const before = await one.where('step', '<=', query.step).orderBy('step', 'desc').executeTakeFirst()
  return (before ?? (await one.orderBy('step').executeTakeFirst()))?.step
}

function ofJob(db: Kysely<Tables>, jobId: number, { key, branch }: Pick<Query, 'key' | 'branch'>) {
  return db
    .selectFrom('sample')
    .selectAll()
    .where('job_id', '=', jobId)
    .$if(key !== undefined, (builder) => builder.where('key', 'in', key ?? []))
    .$if(branch !== undefined, (builder) => builder.where('branch', '=', branch ?? 0))
}

async function listKeys(db: Kysely<Tables>, jobId: number): Promise<string[]> {
  const rows = await db.selectFrom('sample_key').select('key').where('job_id', '=', jobId).orderBy('key').execute()
  return rows.map(({ key }) => key)
}

export type SampleContent = {
  type: Sample['type']
  kind: Sample['kind']
  bytes: Uint8Array
}

/** The content of one sample. */
export const readSampleContent: Operation<{ uid: string; id: number }, SampleContent> = async (
  { db, samples: files },
  { uid, id },
) => {
  const job = await findJob(db, uid)
  const row = await db
    .selectFrom('sample')
    .select(['type', 'kind', 'hash', 'body'])
    .where('id', '=', id)
    .where('job_id', '=', job.id)
    .executeTakeFirst()
  if (!row) throw new PilothouseError('notFound', `The job «${uid}» has no sample ${id}.`, { field: 'id' })
  const { type, kind, hash, body } = row
  return { type, kind, bytes: hash === null ? Buffer.from(body ?? 'null') : await files.read(job.id, hash) }
}

/** How many samples a job has. */
export async function countSamples(db: Kysely<Tables>, jobId: number): Promise<SampleCount> {
  const row = await db
    .selectFrom('sample_key')
    .select(({ fn }) => [
      fn.countAll<number>().as('keys'),
      fn.sum<number | null>('count').as('count'),
      fn.sum<number | null>('bytes').as('bytes'),
    ])
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow()
  return {
    keys: Number(row.keys),
    count: Number(row.count ?? 0),
    bytes: Number(row.bytes ?? 0),
    leftOut: await readLeftOut(db, jobId),
  }
}

async function readLeftOut(db: Kysely<Tables>, jobId: number): Promise<number> {
  const row = await db
    .selectFrom('job_detail')
    .select('samples_left_out')
    .where('job_id', '=', jobId)
    .executeTakeFirst()
  return Number(row?.samples_left_out ?? 0)
}
