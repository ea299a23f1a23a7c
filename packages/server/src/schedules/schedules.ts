/**
 * Schedules of a job, as the server knows them: the training moves them and tells where they stand. Each is given to it by a
 * command, whose id is its own; a further attempt gets those that were under way by commands of its own.
 */
import {
  type Command,
  type JobSchedule,
  type ParameterDeclaration,
  type ParameterValue,
  PilothouseError,
  type Proposed,
  type Schedule,
  type ScheduleEvent,
  type ScheduleList,
  type ScheduleState,
  limits,
} from '@pilothouse/contract'
import {
  checkSchedule,
  describeSchedule,
  describeScheduleEnd,
  findConflict,
  readProgress,
  waitingSchedule,
  type ProgressState,
} from '@pilothouse/signals'
import type { Kysely, Selectable } from 'kysely'
import { findSteerable, type Given, giveCommand } from '../commands/give-command.ts'
import { personOf, readControls } from '../commands/read-commands.ts'
import { whyRefused } from '../commands/why-refused.ts'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { findParameter } from '../parameters/set-parameter.ts'
import { isProposal } from '../proposals/approval-setting.ts'
import { propose } from '../proposals/propose.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import type { ScheduleTable } from '../storage/steering-tables.ts'
import type { Tables } from '../storage/tables.ts'

type Row = Selectable<ScheduleTable> & { member_name: string | null }

/** Phases in which a schedule may yet do something. */
const livePhases = ['waiting', 'active'] as const

/** Schedules of a job: those under way and waiting first, then the newest. */
export const listSchedules: Operation<{ uid: string }, ScheduleList> = async ({ db }, { uid }) => {
  const job = await findJob(db, uid)
  const rows = await selectSchedules(db)
    .where('schedule.job_id', '=', job.id)
    .orderBy((eb) => eb.case().when('schedule.phase', 'in', livePhases).then(0).else(1).end())
    .orderBy('schedule.id', 'desc')
    .limit(limits.jobSchedulesMax)
    .execute()
  const controls = await readControls(db, job)
  return { schedules: rows.map(toSchedule), refusal: whyRefused({ state: job.state, controls }, 'schedule') }
}

type Create = { uid: string; actor: Actor; schedule: Schedule; note?: string | undefined }

/**
 * Gives a schedule to a running job, or proposes it to an admin.
 * @throws PilothouseError `notFound` for a parameter that there is not, `invalid` where the schedule makes no sense for it,
 * `conflict` where another moves the same one.
 */
export const createSchedule: Operation<Create, JobSchedule | Proposed> = async (
  context,
  { uid, actor, schedule, note },
) => {
  const { db } = context
  const { memberId } = actor
  const job = await findSteerable(db, { uid, actor, kind: 'schedule' })
  await checkNewSchedule(context, job, schedule)
  if (await isProposal(db, job, actor)) {
    const change = { kind: 'schedule', key: schedule.key, schedule } as const
    return propose(context, job, { changes: [change], memberId, note })
  }
  const { id } = await giveSchedule(context, job, { schedule, memberId, note })
  return toSchedule(await selectSchedules(db).where('schedule.id', '=', id).executeTakeFirstOrThrow())
}

/** @throws PilothouseError where a running job cannot be given this schedule, as `createSchedule` does. */
export async function checkNewSchedule(context: StorageContext, job: JobRow, schedule: Schedule): Promise<void> {
  const { db, now } = context
  const parameter = await findParameter(context, job, schedule.key)
  const declaration = parseJson<ParameterDeclaration>(parameter.declaration)
  const moment = readMoment(job, now())
  const value = parseJson<ParameterValue>(parameter.value)
  const [fault] = checkSchedule(schedule, declaration, { ...moment, value })
  if (fault) {
    throw new PilothouseError('invalid', `The schedule makes no sense at ${fault.field}: ${fault.expected}.`, {
      field: `schedule.${fault.field}`,
      expected: fault.expected,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    })
  }
  const others = await readLive(db, job)
  const conflict = findConflict(schedule, others, moment.step)
  if (conflict) throw new PilothouseError('conflict', conflict.words, { field: 'schedule' })
}

type Wanted = Omit<Given, 'order' | 'subject'> & { schedule: Schedule }

/** Gives a job a schedule that makes sense for it. */
export async function giveSchedule(
  context: StorageContext,
  job: JobRow,
  { schedule, ...given }: Wanted,
): Promise<Command> {
  const { db, now, changes } = context
  const order = { kind: 'schedule', body: { schedule, state: null } } as const
  const command = await giveCommand(context, job, { order, ...given })
  const made = { schedule: JSON.stringify(schedule), created_ms: now(), changed_ms: now() }
  const columns = { attempt: job.attempt, key: schedule.key, member_id: given.memberId, note: command.note }
  await db
    .insertInto('schedule')
    .values({ id: command.id, job_id: job.id, ...columns, ...stateColumns(waitingSchedule), ...made })
    .execute()
  await dropOld(db, job.id)
  noteSteering(changes, job.uid, 'schedules')
  return command
}

/** True while a schedule gives this parameter other values. */
export async function isMoved(db: Kysely<Tables>, { id }: JobRow, key: string): Promise<boolean> {
  const row = await db
    .selectFrom('schedule')
    .select('id')
    .where('job_id', '=', id)
    .where('key', '=', key)
    .where('phase', '=', 'active')
    .executeTakeFirst()
  return row !== undefined
}

/** Has the training give a schedule up. */
export const cancelSchedule: Operation<{ uid: string; id: number; actor: Actor }, Command> = async (
  context,
  { uid, id, actor },
) => {
  const job = await findSteerable(context.db, { uid, actor, kind: 'cancelSchedule' })
  const row = await context.db
    .selectFrom('schedule')
    .select(['key', 'phase'])
    .where('id', '=', id)
    .where('job_id', '=', job.id)
    .executeTakeFirst()
  if (!row) throw new PilothouseError('notFound', `This job has no schedule ${id}.`, { field: 'id' })
  if (!livePhases.some((phase) => phase === row.phase))
    throw new PilothouseError('conflict', `The schedule of «${row.key}» is over already (${row.phase}).`)
  return giveCommand(context, job, {
    order: { kind: 'cancelSchedule', body: { schedule: id, key: row.key } },
    memberId: actor.memberId,
  })
}

type Place = { id: number; uid: string; attempt: number }

/** Where schedules stand, as the training tells. */
export async function takeSchedules(
  { db, changes }: StorageContext,
  place: Place,
  events: readonly (ScheduleEvent & { atMs: number })[],
): Promise<void> {
  for (const { id, state, atMs } of events) {
    await db
      .updateTable('schedule')
      .set({ ...stateColumns(state), changed_ms: atMs })
      .where('id', '=', id)
      .where('job_id', '=', place.id)
      .execute()
  }
  if (events.length > 0) noteSteering(changes, place.uid, 'schedules')
}

/** A command that gave a schedule was not carried out: it never began. */
export async function endUntaken(db: Kysely<Tables>, id: number, reason: string | null): Promise<void> {
  await db
    .updateTable('schedule')
    .set({ phase: 'failed', reason: reason ?? 'The job did not take it.' })
    .where('id', '=', id)
    .where('phase', 'in', livePhases)
    .execute()
}

/** Gives those that an earlier attempt had to the one that has begun. */
export async function giveAgain(context: StorageContext, place: Place): Promise<void> {
  const { db, changes } = context
  const rows = await db
    .selectFrom('schedule')
    .selectAll()
    .where('job_id', '=', place.id)
    .where('attempt', '<', place.attempt)
    .where('phase', 'in', livePhases)
    .orderBy('id')
    .execute()
  for (const row of rows) {
    const body = { schedule: parseJson<Schedule>(row.schedule), state: parseJson<ScheduleState>(row.state) }
    const note = `It was given in attempt ${row.attempt}, and stands.`
    const { id } = await giveCommand(context, place, { order: { kind: 'schedule', body }, memberId: null, note })
    await db.updateTable('schedule').set({ id, attempt: place.attempt }).where('id', '=', row.id).execute()
  }
  if (rows.length > 0) noteSteering(changes, place.uid, 'schedules')
}

async function readLive(db: Kysely<Tables>, { id }: JobRow): Promise<{ schedule: Schedule; state: ScheduleState }[]> {
  const rows = await db
    .selectFrom('schedule')
    .select(['schedule', 'state'])
    .where('job_id', '=', id)
    .where('phase', 'in', livePhases)
    .execute()
  return rows.map((row) => ({
    schedule: parseJson<Schedule>(row.schedule),
    state: parseJson<ScheduleState>(row.state),
  }))
}

/** The newest that is known of the training. */
function readMoment(job: JobRow, now: number): { step: number; epoch: number | null; timeMs: number } {
  const progress = parseJson<ProgressState | null>(job.progress)
  const read = progress && readProgress(progress, now)
  return { step: read?.step ?? 0, epoch: read?.epoch ?? null, timeMs: now }
}

async function dropOld(db: Kysely<Tables>, jobId: number): Promise<void> {
  const rows = await db
    .selectFrom('schedule')
    .select('id')
    .where('job_id', '=', jobId)
    .where('phase', 'not in', livePhases)
    .orderBy('id', 'desc')
    .offset(limits.jobSchedulesMax)
    .limit(limits.jobSchedulesMax)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('schedule').where('id', 'in', ids).execute()
}

function selectSchedules(db: Kysely<Tables>) {
  return db
    .selectFrom('schedule')
    .leftJoin('member', 'member.id', 'schedule.member_id')
    .selectAll('schedule')
    .select('member.name as member_name')
}

function stateColumns(state: ScheduleState) {
  return {
    state: JSON.stringify(state),
    phase: state.phase,
    reason: state.reason === null ? null : describeScheduleEnd(state.reason),
  }
}

function toSchedule(row: Row): JobSchedule {
  const schedule = parseJson<Schedule>(row.schedule)
  return {
    id: row.id,
    schedule,
    state: { ...parseJson<ScheduleState>(row.state), phase: row.phase },
    words: describeSchedule(schedule),
    end: row.reason,
    by: personOf(row.member_id, row.member_name),
    note: row.note,
    createdAt: row.created_ms,
    changedAt: row.changed_ms,
  }
}
