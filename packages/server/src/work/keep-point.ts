/** How far a batch was at points in time: parts of operations. */
import { limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

type Standing = {
  id: string
  completed: number
  failed: number
  input_tokens: number
  output_tokens: number
  point_every_ms: number
}

/** Keeps how far a batch is, unless that was kept a short while ago. `always`: it has come to its end. */
export async function keepPoint(
  db: Kysely<Tables>,
  batch: Standing,
  { atMs, always = false }: { atMs: number; always?: boolean },
): Promise<void> {
  const { id, point_every_ms: everyMs, completed, failed } = batch
  const last = await db
    .selectFrom('batch_point')
    .select('at_ms')
    .where('batch_id', '=', id)
    .orderBy('at_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last && !always && atMs - last.at_ms < everyMs) return
  await db
    .insertInto('batch_point')
    .values({
      batch_id: id,
      at_ms: Math.max(atMs, (last?.at_ms ?? 0) + 1),
      completed,
      failed,
      input_tokens: batch.input_tokens,
      output_tokens: batch.output_tokens,
    })
    .execute()
  await thinPoints(db, { id, everyMs })
}

/** Of too many points every second one goes, and from then on they are made half as often. */
async function thinPoints(db: Kysely<Tables>, { id, everyMs }: { id: string; everyMs: number }): Promise<void> {
  const points = await db
    .selectFrom('batch_point')
    .select('at_ms')
    .where('batch_id', '=', id)
    .orderBy('at_ms')
    .execute()
  if (points.length < limits.batchPointsMax) return
  const going = points.filter((_, at) => at % 2 === 1).map(({ at_ms: atMs }) => atMs)
  await db.deleteFrom('batch_point').where('batch_id', '=', id).where('at_ms', 'in', going).execute()
  await db
    .updateTable('batch')
    .set({ point_every_ms: everyMs * 2 })
    .where('id', '=', id)
    .execute()
}
