import { type CommandTaken, type Order, isEnded, openCommandStates } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { parseJson } from '../jobs/parse-json.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { findWritableJob } from './give-command.ts'

type Input = { uid: string; actor: Actor; attempt: number; after: number }

/**
 * What an attempt is to do: its open commands behind the last one that it has. Those up to that one have been delivered. A
 * command is told again and again until the job has told what came of it, so that no answer that got lost loses one.
 */
export const takeCommands: Operation<Input, CommandTaken> = async (context, { uid, actor, attempt, after }) => {
  const { db, now, changes } = context
  const job = await findWritableJob(db, uid, actor)
  const rows = await db
    .selectFrom('command')
    .select(['id', 'kind', 'body', 'state', 'expires_ms'])
    .where('job_id', '=', job.id)
    .where('attempt', '=', attempt)
    .where('state', 'in', openCommandStates)
    .orderBy('id')
    .execute()
  const arrived = rows.filter(({ id, state }) => id <= after && state === 'created').map(({ id }) => id)
  if (arrived.length > 0) {
    await db
      .updateTable('command')
      .set({ state: 'delivered', delivered_ms: now() })
      .where('id', 'in', arrived)
      .execute()
    noteSteering(changes, uid, 'commands')
  }
  return {
    commands: rows
      .filter(({ id }) => id > after)
      .map(({ id, kind, body, expires_ms }) => ({
        ...({ kind, body: parseJson<Order['body']>(body) } as Order), // `giveCommand` wrote both
        id,
        expiresInMs: Math.max(0, expires_ms - now()),
      })),
    pinned: await listPinned(db, job.id),
    isOver: job.attempt !== attempt || isEnded(job.state),
  }
}

/** What somebody has had copied is to be kept as well. */
async function listPinned(db: Kysely<Tables>, jobId: number): Promise<string[]> {
  const copied = db
    .selectFrom('checkpoint_copy')
    .select('checkpoint_id')
    .where('job_id', '=', jobId)
    .where('state', 'in', ['waiting', 'copying', 'copied'])
  const rows = await db
    .selectFrom('checkpoint')
    .select('name')
    .where('job_id', '=', jobId)
    .where((eb) => eb.or([eb('pinned', '=', 1), eb('id', 'in', copied)]))
    .where('state', '=', 'present')
    .execute()
  return rows.map(({ name }) => name)
}
