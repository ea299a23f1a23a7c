import {
  type JobCreated,
  type JobPatch,
  type JobState,
  canTransition,
  endStates,
  type jobCreate,
} from '@pilothouse/contract'
import type { Insertable, Kysely } from 'kysely'
import type { z } from 'zod'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import type { AttemptTable, JobTable, Tables } from '../storage/tables.ts'
import { layStages } from '../telemetry/stages.ts'
import { type AttemptKey, readStages, writeStages } from '../telemetry/telemetry-rows.ts'
import { chooseAttempt } from './choose-attempt.ts'
import { findByClaim } from './find-by-claim.ts'
import { jobNotFound, mayTouch, mayWrite } from './job-access.ts'
import { patchColumns, searchText } from './job-patch.ts'
import { findResumed, refuseResume } from './resume-job.ts'
import { parseJson } from './parse-json.ts'
import type { JobRow } from './read-job.ts'
import { readKnownDetail, updateJob } from './write-job.ts'

type Body = z.output<typeof jobCreate>
export type PutJobInput = { uid: string; body: Body; actor: Actor }

/**
 * Makes a job and opens an attempt, or finds what is there and adopts it. Sending the same again changes nothing. A new
 * uid with a claim that an attempt of the same owner has may lead to that attempt's job (`find-by-claim.ts`): the answer's
 * uid is the one to report under.
 */
export const putJob: Operation<PutJobInput, JobCreated> = async (context, input) => {
  const { uid, actor } = input
  if (!mayTouch(actor, uid)) throw jobNotFound(uid)
  const found = await findJob(context.db, uid)
  if (found && !mayWrite(actor, found)) throw jobNotFound(uid)
  await refuseResume(context.db, { uid, found, body: input.body })
  const known = found ?? (await findByClaim(context.db, input.body, actor.memberId))
  const job = known ?? (await insertJob(context, input))
  const before = known && (await findResumed(context.db, known))
  const body = before ? joinConfig(input.body, before) : input.body
  const attempt = await takeAttempt(context, job, { body, fresh: !known })
  const resumed = before && attempt > 1 ? { ...before, config: body.config ?? before.config } : null
  return { uid: job.uid, attempt, branch: job.branch, page: `/job/${job.uid}`, serverTime: context.now(), resumed }
}

/** Who goes on with a job may say a part of its configuration only. */
function joinConfig(body: Body, before: { config: NonNullable<Body['config']> }): Body {
  return body.config === undefined ? body : { ...body, config: { ...before.config, ...body.config } }
}

function findJob(db: Kysely<Tables>, uid: string): Promise<JobRow | undefined> {
  return db.selectFrom('job').selectAll().where('uid', '=', uid).executeTakeFirst()
}

async function insertJob({ db, now }: StorageContext, { uid, body, actor }: PutJobInput): Promise<JobRow> {
  const createdMs = Math.round(Math.min(now(), body.createdAt ?? Infinity))
  const startedMs = Math.max(createdMs, Math.round(Math.min(now(), body.startedAt ?? createdMs)))
  const row = emptyJob({ uid, ownerId: actor.memberId, createdMs, startedMs, body })
  const { id } = await db.insertInto('job').values(row).returning('id').executeTakeFirstOrThrow()
  const detail = { config: '{}', hardware: '[]', summary: '{}', recipe: null, metrics: null }
  await db
    .insertInto('job_detail')
    .values({ job_id: id, ...detail })
    .execute()
  const branch = { number: 0, parent: null, fork_step: null, fork_epoch: null, created_ms: createdMs }
  await db
    .insertInto('branch')
    .values({ job_id: id, ...branch })
    .execute()
  await updateJob(db, id, patchColumns(patchOf(body), { ...row, ...noNames }, detail))
  return db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/** What a new job is not called yet. */
const noNames = { model: null, dataset: null, group_name: null, job_type: null }

function emptyJob(given: { uid: string; ownerId: number; createdMs: number; startedMs: number; body: Body }) {
  const { uid, ownerId, createdMs, startedMs, body } = given
  return {
    uid,
    kind: body.kind,
    owner_id: ownerId,
    project: 'default',
    name: uid,
    state: body.state,
    tags: '[]',
    created_ms: createdMs,
    started_ms: body.state === 'running' ? startedMs : null,
    attempt: 0,
    branch: 0,
    search: searchText({ uid, name: uid, project: 'default', ...noNames, tags: '[]' }),
    gpus: 0,
    version: 0,
  } satisfies Insertable<JobTable>
}

/** Number of the attempt that the body means, made or adopted. */
async function takeAttempt(
  context: StorageContext,
  job: JobRow,
  { body, fresh }: { body: Body; fresh: boolean },
): Promise<number> {
  const known = await context.db.selectFrom('attempt').selectAll().where('job_id', '=', job.id).execute()
  const choice = chooseAttempt(known, body.attempt)
  switch (choice.kind) {
    case 'repeat':
      await adoptAttempt(context, job, { body, number: choice.number, repeat: true, known })
      break
    case 'adopt':
      await adoptAttempt(context, job, { body, number: choice.number, repeat: false, known })
      break
    case 'open':
      await openAttempt(context, job, { body, number: choice.number, fresh, known })
      break
    default:
      choice satisfies never
  }
  return choice.number
}

async function openAttempt(
  context: StorageContext,
  job: JobRow,
  { body, number, fresh, known }: { body: Body; number: number; fresh: boolean; known: readonly KnownRow[] },
): Promise<void> {
  const { db, now, changes } = context
  const openedMs = now()
  const startedMs = body.state === 'running' ? (fresh ? job.started_ms : openedMs) : null
  await db
    .insertInto('attempt')
    .values(newAttempt({ job, body, number, claim: freeClaim(known, body), now: openedMs, startedMs }))
    .execute()
  changes.jobs.add(job.id)
  if (number <= job.attempt) return
  await closeEarlier(db, job.id, { number, at: openedMs })
  const declared = body.stages ?? parseJson<string[] | null>(job.declared_stages)
  if (declared) await writeStages(db, { jobId: job.id, attempt: number }, layStages(declared, []))
  const current = {
    attempt: number,
    state: body.state,
    state_reason: null,
    ended_ms: null,
    error_message: null,
    diagnosis: null,
    stage: null,
    heard_ms: openedMs,
    word_ms: null,
  }
  const patch = fresh
    ? { job: {}, detail: {} }
    : patchColumns(laterPatchOf(body), job, await readKnownDetail(db, job.id))
  await updateJob(db, job.id, {
    job: { ...patch.job, ...current, started_ms: job.started_ms ?? startedMs },
    detail: { ...patch.detail, error: null },
  })
}

/** The claim of the body, unless another attempt of the job has it: a number that is given outweighs it. */
function freeClaim(known: readonly KnownRow[], { attempt: { claim } }: Body): string | null {
  return claim === undefined || known.some((one) => one.claim === claim) ? null : claim
}

/** Earlier attempts that nobody ended have no process any more: a new one has taken their place. */
async function closeEarlier(
  db: Kysely<Tables>,
  jobId: number,
  { number, at }: { number: number; at: number },
): Promise<void> {
  await db
    .updateTable('attempt')
    .set({ state: 'lost', ended_ms: at })
    .where('job_id', '=', jobId)
    .where('number', '<', number)
    .where('state', 'not in', endStates)
    .execute()
}

function newAttempt(given: {
  job: JobRow
  body: Body
  number: number
  claim: string | null
  now: number
  startedMs: number | null
}): Insertable<AttemptTable> {
  const { job, body, number, claim, now, startedMs } = given
  return {
    job_id: job.id,
    number,
    owner_id: job.owner_id,
    claim,
    state: body.state,
    host: body.attempt.host ?? null,
    pid: body.attempt.pid ?? null,
    created_ms: now,
    started_ms: startedMs,
    sdk_spoke: 0,
    log_lines: 0,
    log_bytes: 0,
    log_debug: 0,
    log_info: 0,
    log_warning: 0,
    log_error: 0,
  }
}

type Adoption = { body: Body; number: number; repeat: boolean; known: readonly KnownRow[] }
type KnownRow = {
  number: number
  state: JobState
  claim: string | null
  host: string | null
  pid: number | null
  started_ms: number | null
}

/** A process takes the attempt that waits for it; a repeat only says that it is alive. */
async function adoptAttempt(
  context: StorageContext,
  job: JobRow,
  { body, number, repeat, known }: Adoption,
): Promise<void> {
  const { db, now, changes } = context
  const attempt = known.find((one) => one.number === number)
  if (!attempt) return
  const moves = canTransition(attempt.state, body.state)
  if (repeat && !moves) return
  const startedMs = attempt.started_ms ?? (body.state === 'running' && moves ? now() : null)
  const state = moves ? { state: body.state, started_ms: startedMs, ended_ms: null } : {}
  const identity = repeat
    ? {}
    : {
        claim: attempt.claim ?? freeClaim(known, body),
        host: body.attempt.host ?? attempt.host,
        pid: body.attempt.pid ?? attempt.pid,
      }
  if (Object.keys({ ...state, ...identity }).length > 0) {
    await db
      .updateTable('attempt')
      .set({ ...identity, ...state })
      .where('job_id', '=', job.id)
      .where('number', '=', number)
      .execute()
  }
  const jobState =
    moves && number === job.attempt
      ? {
          state: body.state,
          state_reason: null,
          ended_ms: null,
          started_ms: job.started_ms ?? startedMs,
          heard_ms: now(),
        }
      : {}
  const patch = repeat ? { job: {}, detail: {} } : patchColumns(patchOf(body), job, await readKnownDetail(db, job.id))
  await updateJob(db, job.id, { ...patch, job: { ...patch.job, ...jobState } })
  if (!repeat && body.stages && number === job.attempt)
    await relayStages(db, { jobId: job.id, attempt: number }, body.stages)
  changes.jobs.add(job.id)
}

async function relayStages(db: Kysely<Tables>, key: AttemptKey, names: readonly string[]): Promise<void> {
  await writeStages(db, key, layStages(names, await readStages(db, key)))
}

/** The fields of a job in the body of a PUT. */
function patchOf(body: Body): JobPatch {
  const {
    kind: _kind,
    createdAt: _createdAt,
    startedAt: _startedAt,
    attempt: _attempt,
    state: _state,
    resume: _resume,
    ...patch
  } = body
  return patch
}

/** What a further attempt may set: its owner may have renamed and tagged the job meanwhile. */
function laterPatchOf(body: Body): JobPatch {
  const { name: _name, project: _project, tags: _tags, notes: _notes, ...patch } = patchOf(body)
  return patch
}
