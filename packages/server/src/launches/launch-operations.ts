/** Launches in the storage. What is known of one, and what it reports, are written in one transaction. */
import {
  isEnded,
  type JobKind,
  type JobState,
  type Launch,
  type LaunchOrder,
  type LaunchSpec,
  launchSteps,
  type LaunchStep,
  PilothouseError,
  type Recipe,
  type TargetKind,
  limits,
} from '@pilothouse/contract'
import type { Updateable } from 'kysely'
import { findJob } from '../jobs/find-job.ts'
import { jobNotFound, mayWrite } from '../jobs/job-access.ts'
import { putJob } from '../jobs/put-job.ts'
import { updateJob } from '../jobs/write-job.ts'
import type { LaunchTable } from '../storage/launch-tables.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import { appendReport } from '../telemetry/append-reports.ts'
import { loseJob } from '../telemetry/lose-silent-jobs.ts'
import { writeAttempt } from '../telemetry/telemetry-rows.ts'
import { type EarlierEnd, requeuedWords } from './judge-standing.ts'
import { formatOutputReport, type OutputReport } from './format-output-report.ts'
import { type KeptLaunch, launchNotFound, listOrders, selectLaunches, toKept, toLaunch } from './launch-rows.ts'

export type NewLaunch = {
  uid: string
  name: string
  project: string
  kind: JobKind
  spec: LaunchSpec
  recipe: Recipe
}
type Create = {
  memberId: number
  key: string | null
  group: string | null
  target: TargetKind
  script: string | null
  /** They are submitted as one array. */
  array?: { uid: string; atOnce: number | null } | undefined
  launches: readonly NewLaunch[]
}

/** What changes of one. */
export type LaunchPatch = Omit<Updateable<LaunchTable>, 'id' | 'job_id'>

/**
 * Makes jobs that wait to be submitted. The same key again gives the jobs of then.
 * @throws PilothouseError `conflict` when so many are followed already
 */
export const createLaunches: Operation<Create, { jobs: { uid: string }[]; group: string | null }> = async (
  context,
  { memberId, key, group, target, script, array, launches },
) => {
  const { db, now } = context
  if (key !== null) {
    const known = await db
      .selectFrom('launch')
      .innerJoin('job', 'job.id', 'launch.job_id')
      .select(['launch.uid', 'job.group_name'])
      .where('launch.member_id', '=', memberId)
      .where('launch.key', '=', key)
      .orderBy('launch.id')
      .execute()
    if (known.length > 0) return { jobs: known.map(({ uid }) => ({ uid })), group: known[0]?.group_name ?? null }
  }
  const { open } = await db
    .selectFrom('launch')
    .select(({ fn }) => fn.countAll<number>().as('open'))
    .where('state', 'in', ['preparing', 'following'])
    .executeTakeFirstOrThrow()
  if (Number(open) + launches.length > limits.launchesFollowedMax)
    throw new PilothouseError(
      'conflict',
      `${open} launched jobs are under way, and may be no more than ${limits.launchesFollowedMax}.`,
      {
        hint: 'Wait until some of them are over.',
      },
    )
  for (const [index, { uid, spec, recipe, ...fields }] of launches.entries()) {
    const actor: Actor = { memberId, all: false, jobUid: null }
    const more = { target: spec.target, tags: spec.tags, recipe, ...(group === null ? {} : { group }) }
    const body = { ...fields, ...more, attempt: {}, state: 'submitting', resume: 'never' } as const
    await putJob(context, { uid, actor, body })
    const { id } = await findJob(db, uid)
    await db
      .insertInto('launch')
      .values({
        job_id: id,
        uid,
        member_id: memberId,
        key,
        target: spec.target,
        kind: target,
        spec: JSON.stringify(spec),
        script,
        script_member_id: script === null ? null : memberId,
        state: 'preparing',
        steps: JSON.stringify(launchSteps.map(waiting)),
        ...(array ? { array_uid: array.uid, array_index: index, array_at_once: array.atOnce } : {}),
        attempt: 1,
        restarts: 0,
        log_from: 0,
        is_kept: 0,
        created_ms: now(),
      })
      .execute()
  }
  return { jobs: launches.map(({ uid }) => ({ uid })), group }
}

function waiting(step: LaunchStep['step']): LaunchStep {
  return { step, state: 'waiting', words: null, hint: null, startedAt: null, endedAt: null }
}

/** @throws PilothouseError `notFound` */
const getLaunch: Operation<{ uid: string }, Launch> = async ({ db }, { uid }) => {
  const row = await selectLaunches(db).where('launch.uid', '=', uid).executeTakeFirst()
  // Of a job that is deleted nothing is told.
  if (!row || row.job_state === null) throw launchNotFound((await findJob(db, uid)).uid)
  return toLaunch(row)
}

/** One launch as its keeper sees it. */
const findLaunch: Operation<{ uid: string }, KeptLaunch | null> = async ({ db }, { uid }) => {
  const row = await selectLaunches(db).where('launch.uid', '=', uid).executeTakeFirst()
  return row ? toKept(row) : null
}

/** Those that something is to be done for, the oldest first; with `target` those of that one. */
const listOpen: Operation<{ target?: string }, KeptLaunch[]> = async ({ db }, { target }) => {
  const rows = await selectLaunches(db)
    .where('launch.state', 'in', ['preparing', 'following'])
    .$if(target !== undefined, (builder) => builder.where('launch.target', '=', target ?? ''))
    .orderBy('launch.id')
    .execute()
  return rows.map(toKept)
}

/**
 * Keeps what somebody wants done, until it is.
 * @throws PilothouseError `notFound`, `conflict` when the launch cannot be told this now
 */
const orderLaunch: Operation<{ uid: string; actor: Actor; order: LaunchOrder }, Launch> = async (
  context,
  { uid, actor, order },
) => {
  const { db } = context
  await checkWritable(context, uid, actor)
  const row = await selectLaunches(db).where('launch.uid', '=', uid).executeTakeFirst()
  if (!row) throw launchNotFound(uid)
  const can = listOrders(row)
  if (!can.includes(order))
    throw new PilothouseError('conflict', `The job cannot be told «${order}» now (${row.job_state ?? 'gone'}).`, {
      field: 'order',
      hint: can.length > 0 ? `It can be told: ${can.join(', ')}.` : 'It is over: nothing can be told to it.',
      expected: can.length > 0 ? `one of ${can.join(', ')}` : 'nothing: it is over',
    })
  await db.updateTable('launch').set({ wanted: order }).where('id', '=', row.id).execute()
  noteSteering(context.changes, uid, 'launch')
  return toLaunch({ ...row, wanted: order })
}

const checkLaunch: Operation<{ uid: string; actor: Actor }, null> = async (context, { uid, actor }) => {
  await checkWritable(context, uid, actor)
  return null
}

async function checkWritable({ db }: StorageContext, uid: string, actor: Actor): Promise<void> {
  if (!mayWrite(actor, await findJob(db, uid))) throw jobNotFound(uid)
}

/** Writes what is known of a launch, and why its job waits. */
const noteLaunch: Operation<{ launch: LaunchPlace; patch: LaunchPatch; reason?: string | null }, null> = async (
  context,
  { launch, patch, reason },
) => {
  await writePatch(context, launch, patch)
  if (reason === undefined) return null
  await updateJob(context.db, launch.jobId, { job: { state_reason: reason } })
  context.changes.jobs.add(launch.jobId)
  return null
}

/** What is true of several at once. */
const noteLaunches: Operation<{ launches: readonly LaunchPlace[]; patch: LaunchPatch }, null> = async (
  context,
  { launches, patch },
) => {
  for (const launch of launches) await writePatch(context, launch, patch)
  return null
}

/** Elements of an array: those whose folders are still there, and those that the scheduler was given. */
const countArray: Operation<{ array: string }, { kept: number; sent: number }> = async ({ db }, { array }) => {
  const rows = await db.selectFrom('launch').select(['is_kept', 'slurm_id']).where('array_uid', '=', array).execute()
  return {
    kept: rows.filter(({ is_kept }) => Boolean(is_kept)).length,
    sent: rows.filter(({ slurm_id }) => slurm_id !== null).length,
  }
}

/** Nobody knows it any more. */
const loseLaunch: Operation<{ launch: LaunchPlace; reason: string; patch: LaunchPatch }, null> = async (
  context,
  { launch, reason, patch },
) => {
  const job = await context.db
    .selectFrom('job')
    .select(['id', 'attempt', 'state'])
    .where('id', '=', launch.jobId)
    .executeTakeFirst()
  if (job && !isEnded(job.state)) await loseJob(context, job, { endedMs: context.now(), reason })
  await writePatch(context, launch, patch)
  return null
}

type LaunchPlace = Pick<KeptLaunch, 'id' | 'jobId' | 'uid' | 'memberId' | 'attempt'>

/** The scheduler has them: they wait there, or run. A requeued one waits in an attempt of its own; `earlier`: how the one before ended. */
const noteState: Operation<
  {
    launches: readonly { launch: LaunchPlace; patch: LaunchPatch; earlier?: EarlierEnd | null }[]
    state: Extract<JobState, 'pending' | 'running'>
  },
  null
> = async (context, { launches, state }) => {
  for (const { launch, patch, earlier = null } of launches) {
    const { uid, memberId, attempt } = launch
    const job = await context.db.selectFrom('job').select(['kind']).where('id', '=', launch.jobId).executeTakeFirst()
    if (job) {
      const actor: Actor = { memberId, all: true, jobUid: null }
      const body = { kind: job.kind, attempt: { number: attempt }, state, resume: 'allow' } as const
      await putJob(context, { uid, actor, body })
      if (earlier !== null) await endEarlier(context, launch, earlier)
    }
    await writePatch(context, launch, patch)
  }
  return null
}

/** Clocks over there are read in whole seconds: by less nothing is corrected, ms. */
const startsDifferMs = 2_000

/**
 * When its attempt began, as its target says, by our clock: not when somebody looked, or its first report arrived. Never before
 * there was the job, nor before the attempt before it had ended.
 */
const noteStart: Operation<{ launch: LaunchPlace; startedAt: number }, null> = async (
  { db, now, changes },
  { launch: { jobId, attempt }, startedAt },
) => {
  const job = await db.selectFrom('job').select('created_ms').where('id', '=', jobId).executeTakeFirst()
  const attempts = await db
    .selectFrom('attempt')
    .select(['number', 'started_ms', 'ended_ms'])
    .where('job_id', '=', jobId)
    .where('number', '<=', attempt)
    .execute()
  const current = attempts.find(({ number }) => number === attempt)
  if (!job || !current) return null
  const earlier = attempts.filter(({ number }) => number < attempt)
  const from = Math.max(job.created_ms, ...earlier.map(({ ended_ms }) => ended_ms ?? 0))
  const at = Math.round(Math.min(current.ended_ms ?? now(), Math.max(startedAt, from)))
  if (current.started_ms !== null && Math.abs(current.started_ms - at) < startsDifferMs) return null
  await writeAttempt(db, { jobId, attempt }, { started_ms: at })
  const isFirst = earlier.every(({ started_ms }) => started_ms === null)
  await updateJob(db, jobId, isFirst ? { job: { started_ms: at } } : {})
  changes.jobs.add(jobId)
  return null
}

/**
 * Attempts before the current one end as the scheduler says; opening that has left them lost. What one has said of its own end
 * stands.
 */
async function endEarlier(
  { db, now }: StorageContext,
  { jobId, attempt }: LaunchPlace,
  earlier: EarlierEnd,
): Promise<void> {
  const rows = await db
    .selectFrom('attempt')
    .select(['number', 'state', 'started_ms', 'ended_ms', 'exit_code', 'reason'])
    .where('job_id', '=', jobId)
    .where('number', '<', attempt)
    .where('reason', 'is', null)
    .execute()
  for (const { number, state, started_ms, ended_ms, exit_code } of rows) {
    const isOpen = state === 'lost' || !isEnded(state)
    const isLast = number === earlier.attempt
    if (!isLast && !isOpen) continue
    const at = (isLast ? earlier.at : null) ?? ended_ms ?? now()
    await writeAttempt(
      db,
      { jobId, attempt: number },
      {
        reason: isLast ? earlier.reason : requeuedWords,
        exit_code: exit_code ?? (isLast ? earlier.exitCode : null),
        ...(isOpen
          ? {
              state: isLast ? earlier.state : 'cancelled',
              state_role: 'exit' as const,
              ended_ms: Math.round(Math.min(now(), Math.max(at, started_ms ?? at))),
            }
          : {}),
      },
    )
  }
}

/** Stores what a job printed, how it ended, and how far that was read, at once. */
const reportLaunch: Operation<
  { launch: LaunchPlace & { logFrom: number }; report: OutputReport; patch: LaunchPatch },
  null
> = async (context, { launch, report, patch }) => {
  const { db } = context
  const { uid, memberId, attempt, logFrom } = launch
  const known = await db.selectFrom('launch').select('log_from').where('id', '=', launch.id).executeTakeFirst()
  // An answer was lost on its way: it is stored.
  if (known?.log_from !== logFrom) return null
  const row = await db
    .selectFrom('job')
    .leftJoin('attempt', (join) => join.onRef('attempt.job_id', '=', 'job.id').on('attempt.number', '=', attempt))
    .leftJoin('writer', (join) =>
      join
        .onRef('writer.job_id', '=', 'job.id')
        .on('writer.attempt', '=', attempt)
        .on('writer.writer', '=', launchWriter),
    )
    .select(['attempt.clock_offset_ms', 'writer.upto'])
    .where('job.id', '=', launch.jobId)
    .executeTakeFirst()
  if (row) {
    const place = { writer: launchWriter, attempt, number: (row.upto ?? 0) + 1 }
    const bytes = formatOutputReport(report, { ...place, now: context.now(), offsetMs: row.clock_offset_ms ?? 0 })
    await appendReport(context, { uid, actor: { memberId, all: true, jobUid: null }, format: 'json', bytes })
  }
  await writePatch(context, launch, patch)
  return null
}

const launchWriter = 'launch'

async function writePatch(
  { db, changes }: StorageContext,
  { id, uid }: LaunchPlace,
  patch: LaunchPatch,
): Promise<void> {
  if (Object.keys(patch).length === 0) return
  await db.updateTable('launch').set(patch).where('id', '=', id).execute()
  // How far its log was read concerns nobody else.
  if (Object.keys(patch).some((key) => key !== 'log_from')) noteSteering(changes, uid, 'launch')
}

export const launchOperations = {
  'launches.check': checkLaunch,
  'launches.count-array': countArray,
  'launches.create': createLaunches,
  'launches.find': findLaunch,
  'launches.get': getLaunch,
  'launches.lose': loseLaunch,
  'launches.note': noteLaunch,
  'launches.note-all': noteLaunches,
  'launches.note-start': noteStart,
  'launches.note-state': noteState,
  'launches.open': listOpen,
  'launches.order': orderLaunch,
  'launches.report': reportLaunch,
}
export const launchReads = [
  'launches.check',
  'launches.count-array',
  'launches.find',
  'launches.get',
  'launches.open',
] as const
