import { type MetricDefinition, PilothouseError } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import type { Tables } from '../storage/tables.ts'
import { readCurves } from './curves.ts'
import type { WorkingAttempt, WorkingJob, WorkingWriter } from './job-cache.ts'
import { readAttempt, readStages, readWriter, toAttemptFacts, toLogTotals } from './telemetry-rows.ts'

const columns = [
  'id',
  'uid',
  'kind',
  'owner_id',
  'name',
  'project',
  'model',
  'dataset',
  'group_name',
  'job_type',
  'tags',
  'state',
  'state_reason',
  'started_ms',
  'ended_ms',
  'word_ms',
  'error_message',
  'stage',
  'attempt',
  'branch',
  'progress',
  'headline',
] as const

/** A job as the intake works with it; undefined when there is none. */
export async function loadWorkingJob(db: Kysely<Tables>, uid: string): Promise<WorkingJob | undefined> {
  const found = await db
    .selectFrom('job')
    .innerJoin('job_detail', 'job_detail.job_id', 'job.id')
    .select([...columns, 'job_detail.metrics'])
    .where('uid', '=', uid)
    .executeTakeFirst()
  if (!found) return undefined
  const { progress, headline, metrics: defined, ...row } = found
  const metrics = parseJson<MetricDefinition[]>(defined) ?? []
  const curves = readCurves({ progress, headline })
  return {
    row,
    metrics,
    curves,
    detail: undefined,
    sampleTotals: undefined,
    patch: undefined,
    attempts: new Map(),
    changed: false,
    wasHeard: false,
  }
}

/**
 * One attempt of it.
 * @throws PilothouseError `invalid` when the job has no such attempt.
 */
export async function loadWorkingAttempt(db: Kysely<Tables>, job: WorkingJob, number: number): Promise<WorkingAttempt> {
  const known = job.attempts.get(number)
  if (known) return known
  const key = { jobId: job.row.id, attempt: number }
  const row = await readAttempt(db, key)
  if (!row) {
    throw new PilothouseError('invalid', `The job «${job.row.uid}» has no attempt ${number}.`, {
      field: 'attempt',
      expected: 'the number that PUT /api/jobs/{uid} answered',
    })
  }
  const state = { attempt: toAttemptFacts(row), stages: await readStages(db, key) }
  const attempt: WorkingAttempt = {
    jobId: job.row.id,
    number,
    state,
    stored: state,
    totals: toLogTotals(row),
    writers: new Map(),
    run: { times: [], flags: [], texts: [] },
    open: row.log_open,
    storedOpen: row.log_open,
    changed: false,
  }
  job.attempts.set(number, attempt)
  return attempt
}

/** Writers of one attempt that memory keeps; beyond, all of them are read again. */
const writersMax = 256

export async function loadWorkingWriter(
  db: Kysely<Tables>,
  attempt: WorkingAttempt,
  name: string,
): Promise<WorkingWriter> {
  const known = attempt.writers.get(name)
  if (known) return known
  const numbers = await readWriter(db, { jobId: attempt.jobId, attempt: attempt.number }, name)
  const idle = attempt.writers.size >= writersMax && [...attempt.writers.values()].every(({ changed }) => !changed)
  if (idle) attempt.writers.clear()
  const writer = { numbers, changed: false }
  attempt.writers.set(name, writer)
  return writer
}
