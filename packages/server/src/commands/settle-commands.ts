import {
  type CommandKind,
  type CommandState,
  type OutcomeEvent,
  canMoveCommand,
  isEnded,
  openCommandStates,
} from '@pilothouse/contract'
import type { JobState } from '@pilothouse/contract'
import { failOrdered } from '../copies/retire-copies.ts'
import { endUntaken } from '../schedules/schedules.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Operation, StorageContext } from '../storage/operation.ts'

export type Settlement = OutcomeEvent & { atMs: number }

/** What a job told of its commands. Of those of another job, and of ones that are over, nothing changes. */
export async function settleCommands(
  { db, changes }: StorageContext,
  job: { id: number; uid: string },
  outcomes: readonly Settlement[],
): Promise<void> {
  for (const { id, state, atMs, step, reason } of outcomes) {
    const row = await db
      .selectFrom('command')
      .select(['state', 'kind', 'delivered_ms'])
      .where('id', '=', id)
      .where('job_id', '=', job.id)
      .executeTakeFirst()
    if (!row || !canMoveCommand(row.state, state)) continue
    await db
      .updateTable('command')
      .set({ state, settled_ms: atMs, step, reason, delivered_ms: row.delivered_ms ?? atMs })
      .where('id', '=', id)
      .execute()
    if (row.kind === 'schedule' && state !== 'applied') await endUntaken(db, id, reason)
    if (row.kind === 'copy' && state !== 'applied') await failOrdered(db, id, { reason: reason ?? state, nowMs: atMs })
    noteSteering(changes, job.uid, 'commands', ...partsOf(row.kind))
  }
}

function partsOf(kind: CommandKind): ('parameters' | 'checkpoints' | 'schedules')[] {
  if (kind === 'schedule' || kind === 'cancelSchedule') return ['schedules']
  if (kind === 'set') return ['parameters']
  return kind === 'checkpoint' || kind === 'deleteCheckpoint' || kind === 'copy' ? ['checkpoints'] : []
}

/** Commands looked at in one slice. */
const sliceMax = 500

/** Ends commands that nobody will carry out any more. True when more may be waiting. */
export const expireCommands: Operation<null, boolean> = async ({ db, now, changes }) => {
  const rows = await db
    .selectFrom('command')
    .leftJoin('job', 'job.id', 'command.job_id')
    .select(['command.id', 'command.kind', 'command.state', 'command.attempt', 'command.expires_ms'])
    .select(['job.uid', 'job.state as job_state', 'job.attempt as job_attempt'])
    .where('command.state', 'in', openCommandStates)
    .where((eb) =>
      eb.or([
        eb('command.expires_ms', '<=', now()),
        eb('job.id', 'is', null),
        eb('job.state', 'in', ['completed', 'failed', 'cancelled', 'lost']),
        eb('job.attempt', '>', eb.ref('command.attempt')),
      ]),
    )
    .limit(sliceMax)
    .execute()
  for (const row of rows) {
    const reason = explainEnd(row)
    await db
      .updateTable('command')
      .set({ state: 'expired', settled_ms: now(), reason })
      .where('id', '=', row.id)
      .execute()
    if (row.kind === 'schedule') await endUntaken(db, row.id, reason)
    if (row.kind === 'copy') await failOrdered(db, row.id, { reason, nowMs: now() })
    if (row.uid !== null) noteSteering(changes, row.uid, 'commands', ...partsOf(row.kind))
  }
  return rows.length === sliceMax
}

type EndedCommand = {
  state: CommandState
  attempt: number
  job_state: JobState | null
  job_attempt: number | null
}

function explainEnd({ state, attempt, job_state, job_attempt }: EndedCommand): string {
  const whether = state === 'created' ? 'It never reached the job.' : 'The job had it, and never told what came of it.'
  if (job_state === null) return `The job was deleted. ${whether}`
  if (job_attempt !== null && job_attempt > attempt)
    return `It was for attempt ${attempt}, and attempt ${job_attempt} has begun. ${whether}`
  if (isEnded(job_state)) return `The job has ended (${job_state}). ${whether}`
  return `Its time was over. ${whether}`
}
