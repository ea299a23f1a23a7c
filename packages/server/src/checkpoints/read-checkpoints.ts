import {
  type Checkpoint,
  type CheckpointList,
  type CopyState,
  PilothouseError,
  isEnded,
  limits,
} from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import { personOf, readControls } from '../commands/read-commands.ts'
import { whyRefused } from '../commands/why-refused.ts'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation } from '../storage/operation.ts'
import type { CheckpointPlace } from './written-here.ts'
import type { CheckpointTable } from '../storage/steering-tables.ts'
import type { Tables } from '../storage/tables.ts'

export type CheckpointRow = Selectable<CheckpointTable> & {
  member_id: number | null
  member_name: string | null
  notes: number | null
  copy_state: CopyState | null
  copy_reason: string | null
  copy_bytes: number | null
  copy_received: number | null
  copy_ms: number | null
}

/** Checkpoints of a job, newest first, without those that are gone. */
export const listCheckpoints: Operation<{ uid: string }, CheckpointList> = async ({ db }, { uid }) => {
  const job = await findJob(db, uid)
  const rows = await selectCheckpoints(db)
    .where('checkpoint.job_id', '=', job.id)
    .where('checkpoint.state', '<>', 'deleted')
    .orderBy('checkpoint.id', 'desc')
    .limit(limits.checkpointsShown)
    .execute()
  const { total, bytes } = await db
    .selectFrom('checkpoint')
    .select(({ fn }) => [fn.countAll<number>().as('total'), fn.sum<number | null>('bytes').as('bytes')])
    .where('job_id', '=', job.id)
    .where('state', 'in', ['present', 'deleting', 'corrupt'])
    .executeTakeFirstOrThrow()
  const steerable = { state: job.state, controls: await readControls(db, job) }
  return {
    checkpoints: rows.map(toCheckpoint),
    total,
    bytes: Number(bytes ?? 0),
    refusal: {
      create: whyRefused(steerable, 'checkpoint'),
      rollback: whyRefused(steerable, 'rollback'),
      copy: isEnded(job.state) ? null : whyRefused(steerable, 'copy'),
    },
  }
}

/**
 * A checkpoint of this job.
 * @throws PilothouseError `notFound`.
 */
export async function findCheckpoint(db: Kysely<Tables>, job: { id: number }, id: number): Promise<CheckpointRow> {
  const row = await selectCheckpoints(db)
    .where('checkpoint.id', '=', id)
    .where('checkpoint.job_id', '=', job.id)
    .executeTakeFirst()
  if (row) return row
  throw new PilothouseError('notFound', `This job has no checkpoint ${id}.`, { field: 'id' })
}

export function selectCheckpoints(db: Kysely<Tables>) {
  return db
    .selectFrom('checkpoint')
    .leftJoin('command', 'command.id', 'checkpoint.command_id')
    .leftJoin('member', 'member.id', 'command.member_id')
    .leftJoin('checkpoint_copy as copy', (join) =>
      join.onRef('copy.checkpoint_id', '=', 'checkpoint.id').on('copy.state', '<>', 'removing'),
    )
    .selectAll('checkpoint')
    .select(['command.member_id', 'member.name as member_name'])
    .select((eb) => eb.ref('copy.state').$castTo<CopyState | null>().as('copy_state')) // `removing` is left out
    .select(['copy.reason as copy_reason', 'copy.bytes as copy_bytes', 'copy.received as copy_received'])
    .select('copy.changed_ms as copy_ms')
    .select((eb) =>
      eb
        .selectFrom('note')
        .select(({ fn }) => fn.countAll<number>().as('notes'))
        .whereRef('note.job_id', '=', 'checkpoint.job_id')
        .whereRef('note.subject_id', '=', 'checkpoint.id')
        .where('note.deleted_ms', 'is', null)
        .as('notes'),
    )
}

export function toCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    state: row.state,
    stateReason: row.state_reason,
    faultSince: row.fault_ms,
    seenAt: row.seen_ms,
    summedAt: row.summed_ms,
    hidden: row.hidden_reason === null ? null : { reason: row.hidden_reason, since: row.hidden_ms ?? 0 },
    copy: toCopy(row),
    restorableUntil: row.state === 'deleting' ? row.delete_ms : null,
    attempt: row.attempt,
    branch: row.branch,
    time: row.time_ms,
    step: row.step,
    epoch: row.epoch,
    uri: row.uri,
    host: row.host,
    bytes: row.bytes,
    sha256: row.sha256,
    files: row.files,
    tookMs: row.took_ms,
    covers: parseJson<Checkpoint['covers']>(row.covers),
    metrics: parseJson<Checkpoint['metrics']>(row.metrics),
    parameters: parseJson<Checkpoint['parameters']>(row.parameters),
    tags: parseJson<Checkpoint['tags']>(row.tags),
    description: row.description,
    pinned: row.pinned === 1,
    notes: row.notes ?? 0,
    by: personOf(row.member_id, row.member_name),
  }
}

function toCopy(row: CheckpointRow): Checkpoint['copy'] {
  const { copy_state: state, copy_reason: reason, copy_bytes: bytes, copy_received: received, copy_ms: since } = row
  return state === null ? null : { state, reason, bytes: bytes ?? 0, received: received ?? 0, since: since ?? 0 }
}

/** One checkpoint of a job. */
export const getCheckpoint: Operation<{ uid: string; id: number }, Checkpoint> = async ({ db }, { uid, id }) =>
  toCheckpoint(await findCheckpoint(db, await findJob(db, uid), id))

/** Where a checkpoint lies. */
export const locateCheckpoint: Operation<{ uid: string; id: number }, CheckpointPlace> = async (
  { db },
  { uid, id },
) => {
  const { name, uri, host } = await findCheckpoint(db, await findJob(db, uid), id)
  return { uid, name, uri, host }
}
