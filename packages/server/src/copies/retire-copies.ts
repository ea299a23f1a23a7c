import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

/** Copies of these checkpoints are none any more. */
export async function retireCopies(db: Kysely<Tables>, checkpointIds: readonly number[], nowMs: number): Promise<void> {
  if (checkpointIds.length === 0) return
  await db
    .updateTable('checkpoint_copy')
    .set({ state: 'removing', changed_ms: nowMs })
    .where('checkpoint_id', 'in', checkpointIds)
    .execute()
}

/** The order for a copy has ended without one. What has come of it stays for a while, to go on with. */
export async function failOrdered(
  db: Kysely<Tables>,
  command: number,
  { reason, nowMs }: { reason: string; nowMs: number },
): Promise<void> {
  await db
    .updateTable('checkpoint_copy')
    .set({ state: 'failed', reason, changed_ms: nowMs })
    .where('command_id', '=', command)
    .where('state', 'in', ['waiting', 'copying'])
    .execute()
}
