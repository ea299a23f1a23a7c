/**
 * Puts one job of an old file into the store, by the same two ways as every reporter: it is made by a PUT and told by a
 * report. The report's writer is named after the content, so the same content changes nothing, and a later file (the job
 * is in past-jobs.json now) moves the job on. A job that was really reported here is left alone.
 */
import {
  type ImportOutcome,
  type JobState,
  type LogBlock,
  type PointBlock,
  PilothouseError,
  encodeReport,
  jobCreate,
  parseOrRefuse,
} from '@pilothouse/contract'
import { jobNotFound, mayTouch, mayWrite } from '../jobs/job-access.ts'
import { putJob } from '../jobs/put-job.ts'
import { updateJob } from '../jobs/write-job.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import { appendReport } from '../telemetry/append-reports.ts'
import { readLatest } from '../telemetry/get-latest.ts'
import { loseJob } from '../telemetry/lose-silent-jobs.ts'
import { readAttempt, readWriter } from '../telemetry/telemetry-rows.ts'
import type { OldJob } from './read-job.ts'

export type ImportInput = { job: OldJob; file: string; dryRun: boolean; actor: Actor }
export type Imported = { outcome: ImportOutcome; state: JobState }

const attempt = 1

/** @throws PilothouseError `conflict` when the uid belongs to a job that was not imported; `invalid`, `tooLarge`. */
export const importJob: Operation<ImportInput, Imported> = async (context, input) => {
  const { job, dryRun } = input
  const known = await findKnown(context, input)
  const state = describeState(job)
  if (known?.isTold) return { outcome: 'unchanged', state: known.state }
  if (!dryRun) {
    if (!known) await putJob(context, { uid: job.uid, body: makeBody(input), actor: input.actor })
    await tellJob(context, input, known)
  }
  return { outcome: known ? 'updated' : 'imported', state }
}

type Known = { id: number; state: JobState; isTold: boolean; lines: number }

async function findKnown({ db }: StorageContext, { job, actor }: ImportInput): Promise<Known | undefined> {
  if (!mayTouch(actor, job.uid)) throw jobNotFound(job.uid)
  const row = await db.selectFrom('job').selectAll().where('uid', '=', job.uid).executeTakeFirst()
  if (!row) return undefined
  const first = await readAttempt(db, { jobId: row.id, attempt })
  if (!mayWrite(actor, row) || first?.claim !== makeClaim(job.uid)) {
    throw new PilothouseError('conflict', `There is a job «${job.uid}» that did not come from a file.`, {
      field: 'uid',
      expected: 'an id that no other job here has',
      hint: 'Rename the job in the file, or leave it out.',
    })
  }
  const numbers = await readWriter(db, { jobId: row.id, attempt }, job.mark)
  return { id: row.id, state: row.state, isTold: numbers.upto > 0, lines: first.log_lines }
}

function makeClaim(uid: string): string {
  return `import:${uid}`
}

function makeBody({ job }: ImportInput) {
  return parseOrRefuse(jobCreate, {
    ...job.first,
    ...job.patch,
    kind: job.kind,
    createdAt: job.createdMs,
    startedAt: job.startedMs,
    attempt: { claim: makeClaim(job.uid), lasting: true },
  })
}

async function tellJob(
  context: StorageContext,
  { job, file, actor }: ImportInput,
  known: Known | undefined,
): Promise<void> {
  const { db, changes } = context
  // The file speaks by the clock of its time; a moment between writing and reading the report would shift all of it.
  const now = context.now()
  const frozen = { ...context, now: () => now }
  const row = await db.selectFrom('job').selectAll().where('uid', '=', job.uid).executeTakeFirstOrThrow()
  const steps = known ? await readLastSteps(context, row) : new Map<string, number>()
  const common = { attempt, writer: job.mark, role: 'exit', sentAt: now } as const
  const parts = {
    job: job.patch,
    stages: job.stages,
    points: job.points.flatMap((block) => keepNew(block, steps)),
    logs: job.logs.map((block) => skipLines(block, known?.lines ?? 0)),
  }
  // The end comes by itself: how far the job came is reckoned from a stage that is still under way.
  for (const report of [
    { ...common, number: 1, ...parts },
    { ...common, number: 2, ...makeStateEvent(job) },
  ]) {
    await appendReport(frozen, { uid: job.uid, actor, format: 'frame', bytes: encodeReport(report) })
  }
  changes.jobs.add(row.id)
  if (isOver(job)) {
    if (job.points.length === 0)
      await updateJob(db, row.id, { job: { state_reason: `Imported from ${file}: final values, no curves.` } })
    return
  }
  await loseJob(context, { id: row.id, attempt }, { endedMs: job.endedMs, reason: describeLoss(job, file) })
  if (job.state === 'waiting') await forgetStart(context, row.id)
}

/** What only waited has never begun. */
async function forgetStart({ db }: StorageContext, jobId: number): Promise<void> {
  await updateJob(db, jobId, { job: { started_ms: null } })
  await db.updateTable('attempt').set({ started_ms: null }).where('job_id', '=', jobId).execute()
}

/** An update brings the same curve, longer: only what lies beyond the known end of every series is new. */
async function readLastSteps(
  context: StorageContext,
  row: Parameters<typeof readLatest>[1],
): Promise<Map<string, number>> {
  const latest = await readLatest(context, row, { source: 'job' })
  return new Map(latest.map(({ key, step }) => [key, step]))
}

function keepNew(block: PointBlock, steps: ReadonlyMap<string, number>): PointBlock[] {
  const last = Math.max(-Infinity, ...block.keys.map((key) => steps.get(key) ?? -Infinity))
  const rows = Array.from(block.steps, (step, row) => (step > last ? row : -1)).filter((row) => row >= 0)
  if (rows.length === 0) return []
  const pick = (column: ArrayLike<number>) => rows.map((row) => column[row] ?? 0)
  const epochs = block.epochs === undefined ? {} : { epochs: pick(block.epochs) }
  const { source, keys, values } = block
  return [{ source, keys, steps: pick(block.steps), times: pick(block.times), values: values.map(pick), ...epochs }]
}

function skipLines({ stream, times, lines }: LogBlock, count: number): LogBlock {
  return { stream, times: times.slice(count), lines: lines.slice(count) }
}

function makeStateEvent({ state, endedMs, error }: OldJob) {
  switch (state) {
    case 'completed':
    case 'cancelled':
      return { state: { state, at: endedMs } }
    case 'failed':
      return { state: { state, at: endedMs, ...(error === undefined ? {} : { error }) } }
    case 'waiting':
    case 'running':
    case 'lost':
      return {}
    default:
      return state satisfies never
  }
}

function isOver({ state }: OldJob): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled'
}

function describeState({ state }: OldJob): JobState {
  return state === 'waiting' || state === 'running' ? 'lost' : state
}

function describeLoss({ state }: OldJob, file: string): string {
  switch (state) {
    case 'running':
      return `It was running when ${file} was written; nothing has reported it here.`
    case 'waiting':
      return `It was waiting when ${file} was written; nothing has reported it here.`
    case 'lost':
    case 'completed':
    case 'failed':
    case 'cancelled':
      return `${file} does not tell how it ended.`
    default:
      return state satisfies never
  }
}
